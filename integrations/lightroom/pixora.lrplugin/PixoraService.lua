-- The publish service: a published collection is a photo session.
local LrApplication = import 'LrApplication'
local LrDialogs = import 'LrDialogs'
local LrErrors = import 'LrErrors'
local LrFileUtils = import 'LrFileUtils'
local LrHttp = import 'LrHttp'
local LrPathUtils = import 'LrPathUtils'
local LrTasks = import 'LrTasks'
local LrView = import 'LrView'
local Api = require 'PixoraApi'
local Publish = require 'PixoraPublish'

local service = {
	supportsIncrementalPublish = 'only',
	-- The key is not among these: presets are files that people pass on.
	exportPresetFields = { { key = 'url', default = '' } },
	hideSections = { 'exportLocation', 'video' },
	allowFileFormats = { 'JPEG', 'TIFF', 'ORIGINAL' },
	canExportVideo = false,
	hidePrintResolution = true,
	publish_fallbackNameBinding = 'url',
	titleForPublishedCollection = 'Photo session',
	titleForPublishedCollection_standalone = 'Photo session',
	titleForGoToPublishedCollection = 'Show in Pixora',
	titleForGoToPublishedPhoto = 'disable',
}

local NO_ADDRESS = 'The address must begin with https:// (or http:// in your own network).'

local function check_address(properties)
	properties.LR_cantExportBecause = not Api.address(properties.url) and NO_ADDRESS or nil
end

function service.startDialog(properties)
	properties:addObserver('url', check_address)
	check_address(properties)
	properties.pixora_status = 'Not tried yet.'
end

-- Keeps the key and says whether the server takes it.
function service.connect(properties)
	local url = Api.address(properties.url)
	if not url then
		properties.pixora_status = NO_ADDRESS
		return
	end
	if properties.pixora_key and properties.pixora_key ~= '' then
		Api.keep_key(url, properties.pixora_key)
		properties.pixora_key = ''
	end
	local sessions, failure = Api.sessions(url)
	properties.pixora_status = sessions and ('Connected: ' .. #sessions .. ' sessions.') or failure.text
end

function service.sectionsForTopOfDialog(f, properties)
	local bind = LrView.bind
	return {
		{
			title = 'Pixora',
			f:row {
				f:static_text { title = 'Address', width = 80 },
				f:edit_field { value = bind 'url', width_in_chars = 40, immediate = true },
			},
			f:row {
				f:static_text { title = 'API key', width = 80 },
				f:password_field { value = bind 'pixora_key', width_in_chars = 40 },
			},
			f:row {
				f:push_button {
					title = 'Connect',
					action = function()
						LrTasks.startAsyncTask(function()
							service.connect(properties)
						end)
					end,
				},
				f:static_text { title = bind 'pixora_status', width_in_chars = 40 },
			},
			f:static_text { title = 'A key of the scopes sessions:read, sessions:write and photos:write, from the panel.' },
		},
	}
end

function service.getCollectionBehaviorInfo()
	return {
		defaultCollectionName = 'Photo session',
		defaultCollectionCanBeDeleted = true,
		canAddCollection = true,
		maxCollectionSetDepth = 0,
	}
end

function service.viewForCollectionSettings(f, _, info)
	return f:group_box {
		title = 'Pixora',
		bind_to_object = info.collectionSettings,
		f:static_text { title = "The guests' link of a session. Left empty, a session is made with the collection's name." },
		f:edit_field { value = LrView.bind 'link', width_in_chars = 50 },
	}
end

function service.metadataThatTriggersRepublish()
	return { default = false, title = true, caption = true, keywords = true, dateCreated = true }
end

-- The ids of all photos of a published collection, as the server knows them.
local function ids_of(collection)
	local ids = {}
	for _, photo in ipairs(collection:getPublishedPhotos()) do
		ids[#ids + 1] = photo:getRemoteId()
	end
	return ids
end

-- The session of a collection: the one that its settings name, the one that it was published to, else a new one.
local function session_for(url, collection, export)
	local info = collection:getCollectionInfoSummary()
	local link = info.collectionSettings and info.collectionSettings.link
	local named = Publish.session_of(link)
	if link and link ~= '' and not named then
		LrErrors.throwUserError('The link of the session is none: ' .. link)
	end
	local session = named or collection:getRemoteId()
	if not session then
		local made, failure = Api.create_session(url, info.name)
		if not made then
			LrErrors.throwUserError(failure.text)
		end
		session = made.id
	end
	export:recordRemoteCollectionId(session)
	export:recordRemoteCollectionUrl(url .. '/dashboard/photo-sessions/' .. session)
	return session
end

function service.processRenderedPhotos(_, context)
	local export = context.exportSession
	local url = Api.address(context.propertyTable.url)
	if not url then
		LrErrors.throwUserError(NO_ADDRESS)
	end
	local collection = context.publishedCollection
	local session = session_for(url, collection, export)
	local all, count = ids_of(collection), export:countRenditions()
	local progress = context:configureProgress { title = 'Sending ' .. count .. ' photos to Pixora' }
	for number, rendition in context:renditions { stopIfCanceled = true } do
		progress:setPortionComplete((number - 1) / count)
		-- A photo that could not be rendered is marked by Lightroom itself.
		local rendered, path = rendition:waitForRender()
		if progress:isCanceled() then
			break
		end
		if rendered then
			local file = { path = path, name = LrPathUtils.leafName(path) }
			local id, why = Publish.photo(url, session, file, rendition.publishedPhotoId, all)
			LrFileUtils.delete(path)
			if id then
				rendition:recordPublishedPhotoId(id)
				rendition:recordPublishedPhotoUrl(url .. '/dashboard/photo-sessions/' .. session .. '#photos')
			else
				rendition:uploadFailed(why)
			end
		end
	end
	progress:done()
end

function service.deletePhotosFromPublishedCollection(settings, ids, deleted, local_id)
	local collection = LrApplication.activeCatalog():getPublishedCollectionByLocalIdentifier(local_id)
	local url = Api.address(settings.url)
	if not url then
		LrErrors.throwUserError(NO_ADDRESS)
	end
	local failure = Publish.remove(url, ids, ids_of(collection), deleted)
	if failure then
		LrErrors.throwUserError(failure)
	end
end

function service.goToPublishedCollection(_, info)
	if info.remoteUrl then
		LrHttp.openUrlInBrowser(info.remoteUrl)
	else
		LrDialogs.message('Publish first', 'The session is made with the first photo.')
	end
end

return service
