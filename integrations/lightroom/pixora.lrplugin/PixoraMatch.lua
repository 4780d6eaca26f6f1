-- Finds the photos of a catalogue that guests have chosen. Knows no catalogue: how it is searched is handed in.
local Match = {}

-- A filename without folder and extension, as names are compared.
function Match.stem(name)
	local leaf = name:match('[^/\\]+$') or name
	return (leaf:match('^(.+)%.[^.]*$') or leaf):lower()
end

-- `choices` as the server has them; `published` has the photo for each id that was published from here; `find(stem)`
-- the photos of the catalogue with that name and whatever extension. A photo that the panel has uploaded has an id that
-- is not known here, so its name decides, and of several with one name none is taken.
-- Returns { photos, ambiguous, missing }: photos once each, the others as names.
function Match.choices(choices, published, find)
	local found = { photos = {}, ambiguous = {}, missing = {} }
	local taken = {}
	for _, choice in ipairs(choices) do
		local photo = published[choice.photo_id]
		if not photo then
			local candidates = find(Match.stem(choice.raw_filename or choice.filename))
			if #candidates == 1 then
				photo = candidates[1]
			else
				local list = #candidates == 0 and found.missing or found.ambiguous
				list[#list + 1] = choice.filename
			end
		end
		if photo and not taken[photo] then
			taken[photo] = true
			found.photos[#found.photos + 1] = photo
		end
	end
	return found
end

return Match
