-- The menu item "Take back what guests have chosen".
local LrDialogs = import 'LrDialogs'
local LrTasks = import 'LrTasks'
local Choices = require 'PixoraChoices'

LrTasks.startAsyncTask(function()
	local lines = Choices.take(_PLUGIN.id)
	local text = #lines > 0 and table.concat(lines, '\n') or 'Publish a collection to Pixora first.'
	LrDialogs.message('What guests have chosen', text)
end)
