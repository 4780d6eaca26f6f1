-- The plug-in's logic against a real server, with `lua5.1 run.lua PLUG-IN TESTS ADDRESS KEY FOLDER`. FOLDER holds
-- pictures: a/IMG_0001.jpg, b/IMG_0001.jpg (the same shot, developed again), IMG_0002.jpg, renamed/IMG_0003.jpg (as
-- IMG_0002.jpg, developed again), copy/IMG_0001-2.jpg (the bytes of b/IMG_0001.jpg), film.mp4 (no picture).
-- Prints the session's id and what the server should have; with CHOICES in the place of FOLDER and the session's id
-- behind it, takes the choices back.
local plugin, tests, address, key = arg[1], arg[2], arg[3], arg[4]
package.path = plugin .. '/?.lua;' .. tests .. '/?.lua'
local Stub = require 'stub'
local Json = require 'PixoraJson'
local Match = require 'PixoraMatch'
local Publish = require 'PixoraPublish'
local Api = require 'PixoraApi'
local service = require 'PixoraService'

local function same(actual, expected, what)
	if actual ~= expected then
		error((what or 'value') .. ': ' .. tostring(actual) .. ' is not ' .. tostring(expected), 2)
	end
end

local settings = { url = address .. '/' }
Api.keep_key(address, key)

local tests_of = {}

function tests_of.json()
	local value = assert(Json.decode('{"a": [1, -2.5e1, true, null, "\\u0416\\ud83d\\ude00\\n\\"x\\""], "b": {}}'))
	same(value.a[2], -25)
	same(value.a[5], 'Ж😀\n"x"')
	same(#value.a[5], 10)
	for _, bad in ipairs { '', '{', '[1,]', '{"a" 1}', '"\\ud800"', '"\\x"', 'nul', '1 2', '01x', ('['):rep(1000), '"\n"' } do
		same(Json.decode(bad), nil, bad)
	end
	same(Json.decode(Json.quote('a "b" \\ \n Ж')), 'a "b" \\ \n Ж')
end

function tests_of.names_decide_where_no_id_does()
	local one, two, three = Stub.photo('IMG_1.CR3'), Stub.photo('IMG_2.jpg'), Stub.photo('IMG_2.NEF')
	local by_stem = { img_1 = { one }, img_2 = { two, three } }
	local choices = {
		{ photo_id = 'x', filename = 'IMG_1.jpg', raw_filename = 'IMG_1.CR3' },
		{ photo_id = 'x2', filename = 'img_1.JPG' },
		{ photo_id = 'y', filename = 'IMG_2.jpg' },
		{ photo_id = 'z', filename = 'IMG_3.jpg' },
		{ photo_id = 'known', filename = 'renamed on the server.jpg' },
	}
	local found = Match.choices(choices, { known = three }, function(stem)
		return by_stem[stem] or {}
	end)
	same(#found.photos, 2)
	same(found.photos[1], one)
	same(found.photos[2], three)
	same(table.concat(found.ambiguous, ' '), 'IMG_2.jpg')
	same(table.concat(found.missing, ' '), 'IMG_3.jpg')
	same(Match.stem('C:\\card\\a.b.JPG'), 'a.b')
end

function tests_of.a_link_names_a_session()
	local id = '0192f0c1-7a3b-7c4d-8e5f-001122334455'
	same(Publish.session_of('https://photos.example/session/' .. id:upper() .. '?x=1'), id)
	same(Publish.session_of('https://photos.example/'), nil)
	same(Publish.session_of(nil), nil)
	same(Api.address(' https://photos.example/ '), 'https://photos.example')
	same(Api.address('ftp://photos.example'), nil)
end

function tests_of.the_dialog_keeps_the_key_and_says_whether_it_is_taken()
	local values = { url = 'photos.example' }
	local properties = Stub.properties(values)
	service.startDialog(properties)
	assert(values.LR_cantExportBecause, 'an address without http is told')
	properties.url = address
	same(values.LR_cantExportBecause, nil)
	local sections = service.sectionsForTopOfDialog(Stub.factory, properties)
	local button = sections[1][3][1]
	same(button.kind, 'push_button')
	properties.pixora_key = 'pxk_wrong'
	button.action()
	assert(not values.pixora_status:find('Connected'), values.pixora_status)
	properties.pixora_key = key
	button.action()
	assert(values.pixora_status:find('^Connected: %d+ sessions'), values.pixora_status)
	same(values.pixora_key, '', 'the key does not stay in the dialog')
	same(Stub.passwords['pixora ' .. address], key)
	for _, field in ipairs(service.exportPresetFields) do
		assert(not field.key:find('key'), 'a preset holds no key')
	end
end

function tests_of.a_busy_server_is_asked_again_and_one_that_is_away_is_told()
	local busy = 2
	Stub.slept = 0
	Stub.between = function(text, answer)
		busy = busy - 1
		if busy >= 0 then
			return '{"code":"queue_full"}', { status = 503, { field = 'Retry-After', value = '7' } }
		end
		return text, answer
	end
	assert(Api.sessions(address))
	same(Stub.slept, 14)
	Stub.between = nil
	local nothing, failure = Api.sessions('http://127.0.0.1:1')
	same(nothing, nil)
	same(failure.code, 'unreachable')
end

local function publish(folder)
	local one, two, copy, film = {}, {}, {}, {}
	local collection = Stub.collection('Anna & Ivan "2026"')
	Stub.open_catalog({}, settings, { collection })
	-- The first time: a session is made, a file that is no picture is told at its photo.
	local failures, is_done = Stub.publish(service, settings, collection, {
		{ photo = one, path = folder .. '/a/IMG_0001.jpg' },
		{ photo = two, path = folder .. '/IMG_0002.jpg' },
		{ photo = film, path = folder .. '/film.mp4' },
	})
	assert(is_done)
	same(failures[1] or failures[2], nil, 'failure')
	assert(failures[3]:find('type of file'), failures[3])
	local first, second = collection.published[1].id, collection.published[2].id
	assert(collection.remote and collection.remote_url:find(collection.remote, 1, true))
	-- Developed again: the same photo, another picture.
	Stub.publish(service, settings, collection, { { photo = one, path = folder .. '/b/IMG_0001.jpg' } })
	same(collection.published[1].id, first, 'the id')
	-- Renamed and developed again: another photo in the place of the first.
	Stub.publish(service, settings, collection, { { photo = two, path = folder .. '/renamed/IMG_0003.jpg' } })
	assert(collection.published[2].id ~= second)
	-- The same picture twice is one photo, and taking one of them out leaves it.
	Stub.publish(service, settings, collection, { { photo = copy, path = folder .. '/copy/IMG_0001-2.jpg' } })
	same(collection.published[3].id, first, 'the id of the copy')
	local out = {}
	local function deleted(id)
		out[#out + 1] = id
	end
	service.deletePhotosFromPublishedCollection(settings, { first }, deleted, collection.id)
	same(#out, 1)
	table.remove(collection.published, 3)
	-- A photo that is gone on the server already is out.
	assert(Api.delete_photo(address, second))
	service.goToPublishedCollection({}, { remoteUrl = collection.remote_url })
	same(Stub.opened, collection.remote_url)
	-- Another collection goes into a session that is there.
	local into = Stub.collection('More', { link = address .. '/session/' .. collection.remote })
	Stub.publish(service, settings, into, { { photo = {}, path = folder .. '/a/IMG_0001.jpg' } })
	same(into.remote, collection.remote)
	service.deletePhotosFromPublishedCollection(settings, { into.published[1].id }, deleted, (function()
		Stub.open_catalog({}, settings, { into })
		return into.id
	end)())
	local ok, why = pcall(Stub.publish, service, settings, Stub.collection('Wrong', { link = 'somewhere' }), {})
	assert(not ok and why:find('link'), why)
	print('SESSION ' .. collection.remote)
	print('FIRST ' .. first)
end

local function choices(session, first)
	local published, unpublished, other = Stub.photo('whatever.dng'), Stub.photo('IMG_0003.CR3'), Stub.photo('IMG_0004.CR3')
	local collection = Stub.collection('Anna & Ivan')
	collection.remote = session
	collection.published = { { photo = published, id = first } }
	local catalog = Stub.open_catalog({ published, unpublished, other }, settings, { collection, Stub.collection('New') })
	for _ = 1, 2 do
		dofile(plugin .. '/PixoraTakeChoices.lua')
		local text = Stub.messages[#Stub.messages]
		assert(text:find('2 of 2 chosen photos', 1, true) and text:find('New: not published yet', 1, true), text)
		local made = catalog.collections['Pixora: Anna & Ivan (chosen)'].photos
		same(#made, 2)
		same(made[1], published)
		same(made[2], unpublished)
	end
end

local info = dofile(plugin .. '/Info.lua')
for _, named in ipairs { info.LrExportServiceProvider.file, info.LrLibraryMenuItems[1].file } do
	assert(io.open(plugin .. '/' .. named), named .. ' is there')
end
if arg[5] == 'CHOICES' then
	choices(arg[6], arg[7])
	return
end
for name, test in pairs(tests_of) do
	local ok, why = pcall(test)
	assert(ok, name .. ': ' .. tostring(why))
end
publish(arg[5])
