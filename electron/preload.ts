import { contextBridge, ipcRenderer, webUtils } from "electron"

/**
 * The one thing that passes between the page and the program: a MessagePort. The page says that it listens
 * (`hotfix-ready`), gets one end (`hotfix-port`), and the program gets the other. Besides, the page learns where a file
 * lies that a person dropped or picked. Nothing else of Electron reaches it.
 */
window.addEventListener("message", (event) => {
	if (event.source !== window || event.origin !== location.origin || event.data !== "hotfix-ready") return
	const { port1, port2 } = new MessageChannel()
	ipcRenderer.postMessage("hotfix-port", null, [port2])
	window.postMessage("hotfix-port", location.origin, [port1])
})

contextBridge.exposeInMainWorld("hotfixHost", "electron")
// Empty for a file that the page made itself.
contextBridge.exposeInMainWorld("hotfixPathOf", (file: File) => webUtils.getPathForFile(file))
