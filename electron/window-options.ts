import type { BrowserWindowConstructorOptions } from "electron"

/** The one window. Its page is a stranger to the system: no Node, its own world, a sandbox, and a preload that passes one port. */
export function makeWindowOptions(preload: string): BrowserWindowConstructorOptions {
	return {
		width: 1280,
		height: 840,
		minWidth: 1024,
		minHeight: 700,
		title: "Hotfix Manager",
		// Shown when it has something to show.
		show: false,
		webPreferences: {
			preload,
			contextIsolation: true,
			sandbox: true,
			nodeIntegration: false,
			nodeIntegrationInWorker: false,
			nodeIntegrationInSubFrames: false,
			webSecurity: true,
			allowRunningInsecureContent: false,
			experimentalFeatures: false,
			webviewTag: false,
			navigateOnDragDrop: false,
			spellcheck: false,
		},
	}
}
