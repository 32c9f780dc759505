import type { PageFile } from "../core/fleet/page-files.ts"
import { makePageHeaders } from "../core/fleet/page-policy.ts"

/** The page's scheme and host; nothing else is ever shown in the window. */
export const PAGE_SCHEME = "app"
export const PAGE_URL = `${PAGE_SCHEME}://hotfix/`

/** Whether an address is part of our page. */
export function isOwnPage(url: string): boolean {
	const parsed = URL.parse(url)
	return (
		parsed?.protocol === `${PAGE_SCHEME}:` && parsed.host === "hotfix" && parsed.username === "" && parsed.port === ""
	)
}

/** Whether a frame may talk to us: the window's own page, not a frame inside it and nothing that took its place. */
export function isTrustedFrame(frame: { url: string; parent: unknown } | null): boolean {
	return frame !== null && frame.parent === null && isOwnPage(frame.url)
}

/** Whether the page may load an address at all; developer tools load their own. */
export function mayLoad(url: string): boolean {
	return isOwnPage(url) || URL.parse(url)?.protocol === "devtools:"
}

/** To notify, and to put text into the clipboard when somebody presses "Copy"; never to read it. */
const PERMISSIONS: readonly string[] = ["notifications", "clipboard-sanitized-write"]

/** Whether a page may have a permission: ours, itself and not a frame inside it, and few. */
export function mayHave(permission: string, url: string, isMainFrame: boolean): boolean {
	return PERMISSIONS.includes(permission) && isMainFrame && isOwnPage(url)
}

/** Answers for a file of the page; every answer has the page's headers, also "there is none". */
export function respondWithPage(files: Map<string, PageFile>, url: string): Response {
	const file = isOwnPage(url) ? files.get(new URL(url).pathname) : undefined
	const body = file?.read()
	if (!file || !body) return new Response("there is no such page", { status: 404, headers: makePageHeaders() })
	return new Response(new Uint8Array(body), { headers: { ...makePageHeaders(), "content-type": file.type } })
}
