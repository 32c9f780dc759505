import type { App, Session } from "electron"
import { isOwnPage, mayHave, mayLoad } from "./guards.ts"

/** Whatever page comes to life, it stays ours: no other address, no further window, no embedded page. */
export function lockDownPages(app: App) {
	app.on("web-contents-created", (_event, contents) => {
		contents.on("will-navigate", (event) => !isOwnPage(event.url) && event.preventDefault())
		contents.on("will-redirect", (event) => !isOwnPage(event.url) && event.preventDefault())
		contents.on("will-attach-webview", (event) => event.preventDefault())
		contents.setWindowOpenHandler(() => ({ action: "deny" }))
	})
}

/** Our own page has the few permissions it needs, nobody any other; and nothing reaches an address but its own. */
export function lockDownSession(session: Session) {
	session.setPermissionRequestHandler((_contents, permission, answer, details) =>
		answer(mayHave(permission, details.requestingUrl, details.isMainFrame)),
	)
	session.setPermissionCheckHandler((_contents, permission, origin, details) =>
		mayHave(permission, origin, details.isMainFrame),
	)
	session.setDevicePermissionHandler(() => false)
	session.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !mayLoad(details.url) }))
}
