-- JSON (RFC 8259), which Lightroom's SDK lacks. `null` is read as nil, so a member that is null is not there.
local Json = {}

local ESCAPES = { b = '\b', f = '\f', n = '\n', r = '\r', t = '\t', ['"'] = '"', ['\\'] = '\\', ['/'] = '/' }
-- Deeper than any answer of Pixora's.
local DEEPEST = 100

-- A code point as UTF-8.
local function utf8(code)
	if code < 0x80 then
		return string.char(code)
	elseif code < 0x800 then
		return string.char(0xC0 + math.floor(code / 0x40), 0x80 + code % 0x40)
	elseif code < 0x10000 then
		return string.char(0xE0 + math.floor(code / 0x1000), 0x80 + math.floor(code / 0x40) % 0x40, 0x80 + code % 0x40)
	end
	return string.char(
		0xF0 + math.floor(code / 0x40000),
		0x80 + math.floor(code / 0x1000) % 0x40,
		0x80 + math.floor(code / 0x40) % 0x40,
		0x80 + code % 0x40
	)
end

local function wrong(at)
	error('no JSON at byte ' .. at, 0)
end

-- The four digits behind `\u`, and where they end.
local function unit(text, at)
	local digits = text:match('^%x%x%x%x', at)
	if not digits then
		wrong(at)
	end
	return tonumber(digits, 16), at + 4
end

local function read_string(text, at)
	local parts = {}
	while true do
		local plain, stop, mark = text:match('^([^"\\%c]*)()(["\\])', at)
		if not plain then
			wrong(at)
		end
		parts[#parts + 1] = plain
		if mark == '"' then
			return table.concat(parts), stop + 1
		end
		local letter = text:sub(stop + 1, stop + 1)
		at = stop + 2
		if letter == 'u' then
			local code
			code, at = unit(text, at)
			if code >= 0xD800 and code < 0xDC00 then
				if text:sub(at, at + 1) ~= '\\u' then
					wrong(at)
				end
				local low
				low, at = unit(text, at + 2)
				if low < 0xDC00 or low > 0xDFFF then
					wrong(at)
				end
				code = 0x10000 + (code - 0xD800) * 0x400 + (low - 0xDC00)
			end
			parts[#parts + 1] = utf8(code)
		elseif ESCAPES[letter] then
			parts[#parts + 1] = ESCAPES[letter]
		else
			wrong(stop)
		end
	end
end

local read_value

local function skip(text, at)
	return text:match('^[ \t\r\n]*()', at)
end

-- What stands between two brackets: `read` takes one member at a place and returns the place behind it.
local function read_members(text, at, close, read)
	at = skip(text, at)
	if text:sub(at, at) == close then
		return at + 1
	end
	while true do
		at = skip(text, read(at))
		local mark = text:sub(at, at)
		if mark == close then
			return at + 1
		elseif mark ~= ',' then
			wrong(at)
		end
		at = skip(text, at + 1)
	end
end

local function read_object(text, at, depth)
	local object = {}
	at = read_members(text, at, '}', function(from)
		if text:sub(from, from) ~= '"' then
			wrong(from)
		end
		local name, behind = read_string(text, from + 1)
		behind = skip(text, behind)
		if text:sub(behind, behind) ~= ':' then
			wrong(behind)
		end
		object[name], behind = read_value(text, skip(text, behind + 1), depth)
		return behind
	end)
	return object, at
end

local function read_array(text, at, depth)
	local array, count = {}, 0
	at = read_members(text, at, ']', function(from)
		count = count + 1
		array[count], from = read_value(text, from, depth)
		return from
	end)
	return array, at
end

read_value = function(text, at, depth)
	if depth > DEEPEST then
		wrong(at)
	end
	local first = text:sub(at, at)
	if first == '{' then
		return read_object(text, at + 1, depth + 1)
	elseif first == '[' then
		return read_array(text, at + 1, depth + 1)
	elseif first == '"' then
		return read_string(text, at + 1)
	end
	for word, value in pairs({ ['true'] = true, ['false'] = false }) do
		if text:sub(at, at + #word - 1) == word then
			return value, at + #word
		end
	end
	if text:sub(at, at + 3) == 'null' then
		return nil, at + 4
	end
	local number, behind = text:match('^(%-?%d+%.?%d*[eE]?[+-]?%d*)()', at)
	if not number or not tonumber(number) then
		wrong(at)
	end
	return tonumber(number), behind
end

-- The value of a text; nil and why, where it is no JSON.
function Json.decode(text)
	local ok, value, at = pcall(read_value, text, skip(text, 1), 0)
	if not ok then
		return nil, value
	end
	if skip(text, at) <= #text then
		return nil, 'more than one value'
	end
	return value
end

-- A text as JSON.
function Json.quote(text)
	local escaped = text:gsub('[%c"\\]', function(letter)
		return string.format('\\u%04x', letter:byte())
	end)
	return '"' .. escaped .. '"'
end

return Json
