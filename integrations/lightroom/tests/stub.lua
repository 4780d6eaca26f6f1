-- As much of Lightroom's SDK as the plug-in uses, for lua5.1. Requests are made by curl, so they meet a real server. The
-- catalogue is a table. What the SDK promises is taken from Adobe's description of it; no Lightroom was at hand.
local Stub = { passwords = {}, messages = {}, slept = 0, requests = 0 }

local function quoted(text)
	return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function read_file(path)
	local file = io.open(path, 'rb')
	local text = file and file:read('*a') or ''
	if file then
		file:close()
	end
	return text
end

-- The body, and the headers with `status`, as LrHttp gives them.
local function curl(url, headers, arguments)
	Stub.requests = Stub.requests + 1
	local head, body = os.tmpname(), os.tmpname()
	local words = { 'curl', '--silent', '--dump-header', quoted(head), '--output', quoted(body) }
	for _, header in ipairs(headers) do
		words[#words + 1] = '--header ' .. quoted(header.field .. ': ' .. header.value)
	end
	words[#words + 1] = arguments
	words[#words + 1] = quoted(url)
	os.execute(table.concat(words, ' '))
	local answer = {}
	for line in read_file(head):gmatch('[^\r\n]+') do
		local status = line:match('^HTTP/[%d.]+ (%d+)')
		local name, value = line:match('^([^:]+):%s*(.*)$')
		if status then
			answer = { status = tonumber(status) }
		elseif name then
			answer[#answer + 1] = { field = name, value = value }
		end
	end
	local text = read_file(body)
	os.remove(head)
	os.remove(body)
	if not answer.status then
		return nil, { error = { errorCode = 'cannotFindHost', name = 'The host was not found.' } }
	end
	-- A test may stand between the server and the plug-in.
	if Stub.between then
		return Stub.between(text, answer)
	end
	return text, answer
end

local LrHttp = {}

function LrHttp.get(url, headers)
	return curl(url, headers, '')
end

function LrHttp.post(url, body, headers, method)
	return curl(url, headers, '--request ' .. method .. ' --data-binary ' .. quoted(body))
end

function LrHttp.postMultipart(url, content, headers)
	local parts = {}
	for _, part in ipairs(content) do
		local value = part.filePath
				and (part.name .. '=@"' .. part.filePath .. '";filename="' .. part.fileName .. '";type=' .. part.contentType)
			or (part.name .. '=' .. part.value)
		parts[#parts + 1] = '--form ' .. quoted(value)
	end
	return curl(url, headers, table.concat(parts, ' '))
end

function LrHttp.openUrlInBrowser(url)
	Stub.opened = url
end

local modules = {
	LrHttp = LrHttp,
	LrPasswords = {
		store = function(name, value)
			Stub.passwords[name] = value
		end,
		retrieve = function(name)
			return Stub.passwords[name]
		end,
	},
	LrTasks = {
		sleep = function(seconds)
			Stub.slept = Stub.slept + seconds
		end,
		startAsyncTask = function(task)
			task()
		end,
	},
	LrUUID = {
		generateUUID = function()
			local text = ('xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx'):gsub('x', function()
				return string.format('%x', math.random(0, 15))
			end)
			return text
		end,
	},
	LrDialogs = {
		message = function(title, text)
			Stub.messages[#Stub.messages + 1] = title .. '\n' .. (text or '')
		end,
	},
	LrErrors = {
		throwUserError = function(text)
			error(text, 0)
		end,
	},
	LrFileUtils = {
		delete = function(path)
			os.remove(path)
		end,
	},
	LrPathUtils = {
		leafName = function(path)
			return path:match('[^/]+$')
		end,
	},
	LrView = {
		bind = function(name)
			return { bound = name }
		end,
	},
	LrApplication = {
		activeCatalog = function()
			return Stub.catalog
		end,
	},
}

-- A photo of the catalogue.
function Stub.photo(name)
	return {
		getFormattedMetadata = function(_, field)
			assert(field == 'fileName')
			return name
		end,
	}
end

-- A published collection, without photos at first.
function Stub.collection(name, settings)
	local collection = { id = {}, published = {}, remote = nil }
	function collection:getName()
		return name
	end
	function collection:getRemoteId()
		return self.remote
	end
	function collection:getCollectionInfoSummary()
		return { name = name, collectionSettings = settings or {} }
	end
	function collection:getPublishedPhotos()
		local photos = {}
		for _, each in ipairs(self.published) do
			photos[#photos + 1] = {
				getRemoteId = function()
					return each.id
				end,
				getPhoto = function()
					return each.photo
				end,
			}
		end
		return photos
	end
	return collection
end

-- Publishes as Lightroom does: renders (copies) each photo, hands it over, and keeps what is recorded. `photos` are
-- { photo, path }. Returns a list of failures by place, and whether the progress ended.
function Stub.publish(service, settings, collection, photos)
	local failures, is_done = {}, false
	local context = { propertyTable = settings, publishedCollection = collection, exportSession = {} }
	function context.exportSession:countRenditions()
		return #photos
	end
	function context.exportSession:recordRemoteCollectionId(id)
		collection.remote = id
	end
	function context.exportSession:recordRemoteCollectionUrl(url)
		collection.remote_url = url
	end
	function context:configureProgress()
		return {
			setPortionComplete = function(_, part)
				assert(part >= 0 and part <= 1)
			end,
			isCanceled = function()
				return false
			end,
			done = function()
				is_done = true
			end,
		}
	end
	local function entry_of(photo)
		for _, each in ipairs(collection.published) do
			if each.photo == photo then
				return each
			end
		end
	end
	function context:renditions()
		local number = 0
		return function()
			number = number + 1
			local wanted, place = photos[number], number
			if not wanted then
				return nil
			end
			local known = entry_of(wanted.photo)
			local rendition = { publishedPhotoId = known and known.id }
			function rendition:waitForRender()
				local folder = os.tmpname()
				os.remove(folder)
				os.execute('mkdir ' .. quoted(folder) .. ' && cp ' .. quoted(wanted.path) .. ' ' .. quoted(folder))
				rendition.path = folder .. '/' .. wanted.path:match('[^/]+$')
				return true, rendition.path
			end
			function rendition:recordPublishedPhotoId(id)
				if known then
					known.id = id
				else
					collection.published[#collection.published + 1] = { photo = wanted.photo, id = id }
				end
			end
			function rendition:recordPublishedPhotoUrl() end
			function rendition:uploadFailed(why)
				failures[place] = why
			end
			return number, rendition
		end
	end
	service.processRenderedPhotos({}, context)
	return failures, is_done
end

-- The catalogue: its photos, the collections that the plug-in made, and one publish service.
function Stub.open_catalog(photos, settings, published)
	local catalog = { collections = {}, may_write = false }
	function catalog:getPublishServices(plugin)
		assert(plugin == _PLUGIN.id)
		local service = {
			getPublishSettings = function()
				return settings
			end,
			getChildCollections = function()
				return published
			end,
		}
		return { service }
	end
	function catalog:getPublishedCollectionByLocalIdentifier(id)
		for _, collection in ipairs(published) do
			if collection.id == id then
				return collection
			end
		end
	end
	function catalog:findPhotos(query)
		local search = query.searchDesc
		assert(search.criteria == 'filename' and search.operation == 'beginsWith')
		local found = {}
		for _, photo in ipairs(photos) do
			if photo:getFormattedMetadata('fileName'):lower():sub(1, #search.value) == search.value:lower() then
				found[#found + 1] = photo
			end
		end
		return found
	end
	function catalog:withWriteAccessDo(_, write)
		self.may_write = true
		write()
		self.may_write = false
	end
	function catalog:createCollection(name, _, can_return_prior)
		assert(self.may_write and can_return_prior)
		local collection = self.collections[name] or { photos = {} }
		function collection:removeAllPhotos()
			assert(catalog.may_write)
			self.photos = {}
		end
		function collection:addPhotos(more)
			assert(catalog.may_write)
			for _, photo in ipairs(more) do
				self.photos[#self.photos + 1] = photo
			end
		end
		self.collections[name] = collection
		return collection
	end
	Stub.catalog = catalog
	return catalog
end

-- A table whose changes are told, as dialogs have it.
function Stub.properties(values)
	local observers = {}
	local methods = {
		addObserver = function(_, name, told)
			observers[name] = told
		end,
	}
	return setmetatable({}, {
		__index = function(_, name)
			return methods[name] or values[name]
		end,
		__newindex = function(self, name, value)
			values[name] = value
			if observers[name] then
				observers[name](self, name, value)
			end
		end,
	})
end

-- What views are made of: each part is the table that it was given.
Stub.factory = setmetatable({}, {
	__index = function(_, kind)
		return function(_, part)
			part.kind = kind
			return part
		end
	end,
})

function import(name)
	return assert(modules[name], 'the plug-in uses ' .. name .. ', which the stub lacks')
end

_PLUGIN = { id = 'photos.pixora.lightroom' }

return Stub
