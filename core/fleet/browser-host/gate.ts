import { createHash, randomBytes, timingSafeEqual } from "node:crypto"
import type { IncomingMessage } from "node:http"

/** Wrong tokens answered as such within `WINDOW_MS`; later ones are only told to slow down. */
const WRONG_LIMIT = 10
const WINDOW_MS = 60_000
/** A link for the browser's command line works once and for this long, milliseconds. */
const LAUNCH_MS = 60_000

export type Gate = ReturnType<typeof createGate>

/**
 * Who may come in. The token is 256 random bits; it travels in a fragment (never sent by a browser, in no Referer, in no
 * log) and in the WebSocket's address (which has neither). `port` is known once the server listens.
 */
export function createGate(port: () => number, now: () => number = Date.now) {
	const token = randomBytes(32).toString("base64url")
	const launches = new Map<string, number>()
	let wrong: number[] = []

	const origins = () => [`http://127.0.0.1:${port()}`, `http://localhost:${port()}`]
	return {
		token,
		/** Where the page may open its WebSocket: not every browser counts ws: on the same host as its own origin. */
		sockets: () => origins().map((origin) => origin.replace("http:", "ws:")),
		/**
		 * Whether a request was meant for us: the name in the address bar must be ours. Otherwise a stranger's page whose
		 * name was made to point at this machine (DNS rebinding) would count as our own.
		 */
		isOurHost: (request: IncomingMessage) => origins().includes(`http://${request.headers.host}`),
		/** Whether our own page asks; a browser always says which page opens a WebSocket. */
		isOurPage: (request: IncomingMessage) => request.headers.origin === `http://${request.headers.host}`,
		/** 200: come in; 401: wrong token; 429: too many wrong ones. A right one is never kept out by others' wrong ones. */
		judge(given: string | null): 200 | 401 | 429 {
			if (given !== null && isSame(given, token)) return 200
			wrong = [...wrong.filter((at) => at > now() - WINDOW_MS), now()].slice(-WRONG_LIMIT - 1)
			return wrong.length > WRONG_LIMIT ? 429 : 401
		},
		/** A code that can be exchanged for the token once: other users of this machine can read command lines. */
		makeLaunchCode(): string {
			const code = randomBytes(32).toString("base64url")
			launches.set(code, now() + LAUNCH_MS)
			return code
		},
		redeem(code: string | null): boolean {
			const until = code === null ? undefined : launches.get(code)
			if (code !== null) launches.delete(code)
			return until !== undefined && until >= now()
		},
	}
}

/** Compared in the same time wherever they differ. */
function isSame(a: string, b: string): boolean {
	const digest = (text: string) => createHash("sha256").update(text).digest()
	return timingSafeEqual(digest(a), digest(b))
}
