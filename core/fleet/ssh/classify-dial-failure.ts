import { type Failure, FailureError } from "../../schema/failure.ts"
import type { Endpoint } from "./open-socket.ts"

/** Why a server with all its places taken has closed. */
export const TOO_MANY_CONNECTIONS = "the server has too many connections"

export type DialPhase = "banner" | "key-exchange" | "sign-in"

/** All that is known when a connection fails before a person is signed in. */
export interface DialState {
	endpoint: Endpoint
	user: string
	phase: DialPhase
	/** First bytes from the far side. */
	received: string
	/** What the server said to the user before signing in (`/etc/issue.net`, "account expired"). */
	banner: string
	tried: string[]
	offered: string[]
	/** How many keys were offered. */
	keys?: number
	/** Why a method could not be tried at all, for example that there is no agent. */
	untried?: string
}

/**
 * The one typed failure for whatever ssh2 said; `error` is absent when the connection just closed. The rules are the
 * measured symptoms of OpenSSH 9.2 and 10.0; what matches none is a lost connection with ssh2's own words.
 */
export function classifyDialFailure(state: DialState, error?: Error): FailureError {
	const { endpoint, user, tried, offered } = state
	const message = error?.message ?? ""
	const fail = (code: Failure["code"], data: Failure["data"] = {}) =>
		new FailureError(code, { ...endpoint, ...data, ...bannerOf(state) }, { cause: error })

	const algorithm = /no matching (?:C->S |S->C )?(.+)$/.exec(message)
	if (algorithm) return fail("no-common-algorithm", { kind: (algorithm[1] ?? "").replace(/ (algorithm|format)$/, "") })
	if (isNotSsh(state, message)) return fail("not-ssh", { received: state.received })
	if (/too many authentication failures/i.test(message))
		return fail("too-many-authentication-failures", { user, tried: state.keys ?? 0 })
	if (levelOf(error) === "client-authentication") {
		return fail("authentication-failed", { user, tried, offered, ...(state.untried ? { reason: state.untried } : {}) })
	}
	return fail("connection-lost", { phase: state.phase, reason: reasonOf(state, error) })
}

/** sshd itself answers in plain text when it has too many connections; everything else in plain text is no sshd. */
function isNotSsh(state: DialState, message: string): boolean {
	if (/identification string|greeting lines|header line too long|expected newline/i.test(message)) return true
	const isPlain = state.received !== "" && !/^SSH-/m.test(state.received)
	return state.phase === "banner" && isPlain && !isRefusedByLoad(state.received)
}

function isRefusedByLoad(received: string): boolean {
	return /MaxStartups|Not allowed at this time/.test(received)
}

function reasonOf(state: DialState, error?: Error): string {
	if (isRefusedByLoad(state.received)) return TOO_MANY_CONNECTIONS
	if (!error || /lost before handshake/.test(error.message)) return "closed by the server"
	return codeOf(error) === "ECONNRESET" ? "reset" : error.message.toLowerCase()
}

function bannerOf(state: DialState): { banner?: string } {
	const banner = state.banner.trim()
	return banner ? { banner } : {}
}

export function levelOf(error: Error | undefined): string | undefined {
	return error && "level" in error && typeof error.level === "string" ? error.level : undefined
}

export function codeOf(error: Error | undefined): unknown {
	return error && "code" in error ? error.code : undefined
}
