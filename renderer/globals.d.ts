interface Window {
	/** Set by Electron's preload; a browser has none. */
	readonly hotfixHost?: "electron"
	/** Chromium's; TypeScript does not know it. */
	readonly trustedTypes?: {
		createPolicy(
			name: string,
			rules: { createScriptURL(text: string): string },
		): { createScriptURL(text: string): unknown }
	}
}
