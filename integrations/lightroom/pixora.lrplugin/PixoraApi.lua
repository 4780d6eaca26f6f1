-- Speaks Pixora's HTTP interface. Each function returns its result, or nil and a failure: { code, text, status }.
local LrHttp = import 'LrHttp'
local LrPasswords = import 'LrPasswords'
local LrTasks = import 'LrTasks'
local LrUUID = import 'LrUUID'
local Json = require 'PixoraJson'

local Api = {}

-- Seconds for an answer, and for a photo on a slow line.
local ANSWER, PHOTO = 30, 600
-- How often a server that is busy or away is asked again, and the longest pause between.
local TRIES, LONGEST_PAUSE = 5, 30

-- The address as requests need it; nil where it is none.
function Api.address(text)
	local address = (text or ''):match('^%s*(https?://[^%s?#]+)%s*$')
	return address and address:gsub('/+$', '') or nil
end

-- The key is kept in the system's store of passwords, not in the catalogue.
function Api.keep_key(url, key)
	LrPasswords.store('pixora ' .. url, key)
end

function Api.kept_key(url)
	return LrPasswords.retrieve('pixora ' .. url)
end

local function headers(url, more)
	local key = Api.kept_key(url)
	local all = {
		{ field = 'Authorization', value = 'Bearer ' .. (key or '') },
		{ field = 'Accept', value = 'application/json' },
	}
	for _, header in ipairs(more or {}) do
		all[#all + 1] = header
	end
	return all
end

local function field(answer, name)
	for _, header in ipairs(answer or {}) do
		if header.field:lower() == name then
			return header.value
		end
	end
end

-- Reads an answer; the third result says after how many seconds it is worth asking again.
local function read(body, answer)
	local status = answer and answer.status
	if not status then
		local reason = answer and answer.error and answer.error.name or 'no answer'
		return nil, { code = 'unreachable', text = 'The server cannot be reached (' .. reason .. ').' }, 2
	end
	local value = body and body ~= '' and Json.decode(body) or nil
	if status >= 200 and status < 300 then
		return value or {}
	end
	local problem = type(value) == 'table' and value or {}
	local text = problem.detail or problem.title or ('The server answered ' .. status .. '.')
	local failure = { code = problem.code or 'failed', text = text, status = status }
	if status == 429 or status == 503 then
		return nil, failure, tonumber(field(answer, 'retry-after')) or 2
	end
	return nil, failure
end

-- Asks, and asks again while the server is busy or away. `send` makes the request.
local function ask(send)
	for try = 1, TRIES do
		local value, failure, pause = read(send())
		if value or not pause or try == TRIES then
			return value, failure
		end
		LrTasks.sleep(math.min(pause, LONGEST_PAUSE))
	end
end

local function get(url, path)
	return ask(function()
		return LrHttp.get(url .. path, headers(url), ANSWER)
	end)
end

local function escaped(text)
	return (text:gsub('[^%w%-_.~]', function(letter)
		return string.format('%%%02X', letter:byte())
	end))
end

-- The sessions of whom the key belongs to, newest first: { id, name, url }.
function Api.sessions(url)
	local sessions, cursor = {}, nil
	repeat
		local page, failure = get(url, '/api/photo-sessions?limit=100' .. (cursor and '&cursor=' .. escaped(cursor) or ''))
		if not page then
			return nil, failure
		end
		for _, session in ipairs(page.sessions) do
			sessions[#sessions + 1] = session
		end
		cursor = page.next_cursor
	until not cursor
	return sessions
end

-- Makes a session: { id, url }. The key of the request lets the server know it again when the answer was lost.
function Api.create_session(url, name)
	local once = { field = 'Idempotency-Key', value = LrUUID.generateUUID() }
	return ask(function()
		local body = '{"name":' .. Json.quote(name) .. '}'
		local more = { once, { field = 'Content-Type', value = 'application/json' } }
		return LrHttp.post(url .. '/api/photo-sessions', body, headers(url, more), 'POST', ANSWER)
	end)
end

-- Sends a file; { result, photo_id, code } as the server says it. With `replaces` it takes the place of the session's
-- photo of its name, which keeps its id.
function Api.upload(url, session, path, filename, replaces)
	local parts = {}
	if replaces then
		parts[#parts + 1] = { name = 'replace', value = 'name' }
	end
	parts[#parts + 1] = { name = 'photo', fileName = filename, filePath = path, contentType = 'application/octet-stream' }
	local answer, failure = ask(function()
		return LrHttp.postMultipart(url .. '/api/photo-sessions/' .. session .. '/photos', parts, headers(url), PHOTO)
	end)
	return answer and answer.results and answer.results[1], failure
end

-- Deletes a photo; one that is gone already is deleted too.
function Api.delete_photo(url, id)
	local done, failure = ask(function()
		return LrHttp.post(url .. '/api/photos/' .. id, '', headers(url), 'DELETE', ANSWER)
	end)
	if failure and failure.status == 404 then
		return {}
	end
	return done, failure
end

-- What guests and clients have chosen of a session: { photo_id, filename, raw_filename, orders, quantity }.
function Api.choices(url, session)
	local answer, failure = get(url, '/api/photo-sessions/' .. session .. '/choices')
	return answer and answer.choices, failure
end

return Api
