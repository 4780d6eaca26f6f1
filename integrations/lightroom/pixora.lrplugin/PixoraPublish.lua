-- Decides what becomes of one photo that is published, and of one that is taken out. Knows no dialog and no catalogue.
local Api = require 'PixoraApi'

local Publish = {}

-- The server's codes for files that it does not take, in words.
local REFUSED = {
	too_large = 'The file is larger than 100 MB.',
	too_many_pixels = 'The picture has too many pixels.',
	unsupported_type = 'This type of file is not taken: export JPEG.',
	truncated = 'The file ends too early.',
}

-- Sends a rendered photo. `id` is the server's for the photo as it was published before, or nil; `all` has the ids of all
-- photos of the collection. Returns the id by which the server knows it now, or nil and why not.
function Publish.photo(url, session, file, id, all)
	local sent, failure = Api.upload(url, session, file.path, file.name, id ~= nil)
	if not sent then
		return nil, failure and failure.text or 'The server did not say what became of the photo.'
	end
	if sent.result == 'rejected' then
		return nil, REFUSED[sent.code] or ('The server refused the photo (' .. tostring(sent.code) .. ').')
	end
	-- Renamed, or of another second: the server made another photo of it, and the one before is no longer published.
	if id and sent.photo_id ~= id and not Publish.shared(all, { id })(id) then
		local deleted, why = Api.delete_photo(url, id)
		if not deleted then
			return nil, why.text
		end
	end
	return sent.photo_id
end

-- Takes photos out of a session; `done(id)` is called for each that is out. Returns why it stopped early, or nil.
function Publish.remove(url, ids, all, done)
	local is_shared = Publish.shared(all, ids)
	for _, id in ipairs(ids) do
		if not is_shared(id) then
			local deleted, failure = Api.delete_photo(url, id)
			if not deleted then
				return failure.text
			end
		end
		done(id)
	end
end

-- Whether an id stays with a photo of the collection when those in `leaving` go: the same picture twice is one photo on
-- the server. `all` has an id for each photo of the collection.
function Publish.shared(all, leaving)
	local counts = {}
	for _, id in ipairs(all) do
		counts[id] = (counts[id] or 0) + 1
	end
	for _, id in ipairs(leaving) do
		counts[id] = (counts[id] or 0) - 1
	end
	return function(id)
		return (counts[id] or 0) > 0
	end
end

-- The session in a guest's link, or an id alone.
function Publish.session_of(text)
	local hex = '%x%x%x%x'
	local id = hex .. hex .. '%-' .. hex .. '%-' .. hex .. '%-' .. hex .. '%-' .. hex .. hex .. hex
	local found = (text or ''):match(id)
	return found and found:lower() or nil
end

return Publish
