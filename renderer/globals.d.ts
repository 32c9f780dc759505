interface Window {
	/** Set by Electron's preload; a browser has none. */
	readonly hotfixHost?: "electron"
	/** Where a dropped or picked file lies; empty for one that is on no disk. A browser tells no page. */
	readonly hotfixPathOf?: (file: File) => string
	/** Chromium's; TypeScript does not know it. */
	readonly trustedTypes?: {
		createPolicy(
			name: string,
			rules: { createScriptURL(text: string): string },
		): { createScriptURL(text: string): unknown }
	}
}
