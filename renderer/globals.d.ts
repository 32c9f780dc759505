interface Window {
	/** Set by Electron's preload; a browser has none. */
	readonly hotfixHost?: "electron"
}
