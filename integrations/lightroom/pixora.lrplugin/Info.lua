-- What Lightroom Classic reads first of the plug-in.
return {
	LrSdkVersion = 6.0,
	LrSdkMinimumVersion = 6.0,
	LrToolkitIdentifier = 'photos.pixora.lightroom',
	LrPluginName = 'Pixora',
	LrExportServiceProvider = {
		title = 'Pixora',
		file = 'PixoraService.lua',
	},
	LrLibraryMenuItems = {
		{ title = 'Take back what guests have chosen', file = 'PixoraTakeChoices.lua' },
	},
	VERSION = { major = 1, minor = 0, revision = 0 },
}
