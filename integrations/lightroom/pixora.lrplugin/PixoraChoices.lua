-- Takes back what guests and clients have chosen: a collection for each session that is published from this catalogue.
local LrApplication = import 'LrApplication'
local Api = require 'PixoraApi'
local Match = require 'PixoraMatch'
local Publish = require 'PixoraPublish'

local Choices = {}

-- Seconds that Lightroom may keep us waiting for the right to write.
local PATIENCE = { timeout = 30 }

-- The photos of the catalogue with that name, whatever their extension.
local function named(catalog, stem)
	local search = { criteria = 'filename', operation = 'beginsWith', value = stem .. '.' }
	local photos = {}
	for _, photo in ipairs(catalog:findPhotos { searchDesc = search }) do
		if Match.stem(photo:getFormattedMetadata('fileName')) == stem then
			photos[#photos + 1] = photo
		end
	end
	return photos
end

-- Makes the collection of one session what was chosen there. Returns a line that says so.
function Choices.of(catalog, url, collection)
	local name = collection:getName()
	local link = collection:getCollectionInfoSummary().collectionSettings
	local session = Publish.session_of(link and link.link) or collection:getRemoteId()
	if not session then
		return name .. ': not published yet.'
	end
	local choices, failure = Api.choices(url, session)
	if not choices then
		return name .. ': ' .. failure.text
	end
	local published = {}
	for _, photo in ipairs(collection:getPublishedPhotos()) do
		published[photo:getRemoteId()] = photo:getPhoto()
	end
	local found = Match.choices(choices, published, function(stem)
		return named(catalog, stem)
	end)
	-- In two steps: a collection can be filled once the step that made it is over.
	local target
	catalog:withWriteAccessDo('Pixora: a collection', function()
		target = catalog:createCollection('Pixora: ' .. name .. ' (chosen)', nil, true)
	end, PATIENCE)
	catalog:withWriteAccessDo('Pixora: what was chosen', function()
		target:removeAllPhotos()
		target:addPhotos(found.photos)
	end, PATIENCE)
	local line = name .. ': ' .. #found.photos .. ' of ' .. #choices .. ' chosen photos.'
	if #found.ambiguous > 0 then
		line = line .. ' Several photos have the name: ' .. table.concat(found.ambiguous, ', ') .. '.'
	end
	if #found.missing > 0 then
		line = line .. ' Not in this catalogue: ' .. table.concat(found.missing, ', ') .. '.'
	end
	return line
end

-- Goes through every session that this plug-in publishes. Returns a line for each.
function Choices.take(plugin)
	local catalog = LrApplication.activeCatalog()
	local lines = {}
	for _, service in ipairs(catalog:getPublishServices(plugin)) do
		local url = Api.address(service:getPublishSettings().url)
		for _, collection in ipairs(url and service:getChildCollections() or {}) do
			lines[#lines + 1] = Choices.of(catalog, url, collection)
		end
	end
	return lines
end

return Choices
