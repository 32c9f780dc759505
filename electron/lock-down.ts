import type { App, Session } from "electron"
import { isOwnPage, mayLoad } from "./guards.ts"

/** Whatever page comes to life, it stays ours: no other address, no further window, no embedded page. */
export function lockDownPages(app: App) {
	app.on("web-contents-created", (_event, contents) => {
		contents.on("will-navigate", (event) => !isOwnPage(event.url) && event.preventDefault())
		contents.on("will-redirect", (event) => !isOwnPage(event.url) && event.preventDefault())
		contents.on("will-attach-webview", (event) => event.preventDefault())
		contents.setWindowOpenHandler(() => ({ action: "deny" }))
	})
}

/** The page gets no permission of any kind and reaches no address but its own. */
export function lockDownSession(session: Session) {
	session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
	session.setPermissionCheckHandler(() => false)
	session.setDevicePermissionHandler(() => false)
	session.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !mayLoad(details.url) }))
}
