import { describe, expect, test } from "vitest"
import { classifyDialFailure, type DialState } from "../../../../../core/fleet/ssh/classify-dial-failure.ts"
import { classifySocketError } from "../../../../../core/fleet/ssh/open-socket.ts"
import { sentenceOf } from "../../../../../core/schema/sentences.ts"

const endpoint = { host: "h", port: 22 }
const state: DialState = { endpoint, user: "u", phase: "banner", received: "", banner: "", tried: [], offered: [] }
const error = (message: string, more: Record<string, unknown> = {}) => Object.assign(new Error(message), more)
const inKex: Partial<DialState> = { phase: "key-exchange", received: "SSH-2.0-OpenSSH_9.2\r\n" }
const inSignIn: Partial<DialState> = {
	...inKex,
	phase: "sign-in",
	tried: ["publickey"],
	offered: ["publickey", "password"],
}

/** What ssh2 was seen to say of OpenSSH 9.2 and 10.0, and what it means. */
const TABLE: [what: string, state: Partial<DialState>, error: Error | undefined, code: string, data: object][] = [
	[
		"closed at once",
		{},
		error("Connection lost before handshake", { level: "protocol" }),
		"connection-lost",
		{ reason: "closed by the server" },
	],
	[
		"MaxStartups",
		{ received: "Exceeded MaxStartups\r\n" },
		error("Connection lost before handshake"),
		"connection-lost",
		{ reason: "the server has too many connections" },
	],
	[
		"penalty",
		{ received: "Not allowed at this time\r\n" },
		error("Connection lost before handshake"),
		"connection-lost",
		{ reason: "the server has too many connections" },
	],
	[
		"web server",
		{ received: "HTTP/1.1 400 Bad Request\r\n" },
		error("Connection lost before handshake"),
		"not-ssh",
		{ received: "HTTP/1.1 400 Bad Request\r\n" },
	],
	["mail server", { received: "220 mail ESMTP\r\n" }, undefined, "not-ssh", {}],
	["SSH 1", { received: "SSH-1.5-x\r\n" }, error("Invalid identification string"), "not-ssh", {}],
	["greeting without end", { received: "x" }, error("Max greeting lines exceeded"), "not-ssh", {}],
	[
		"reset",
		inKex,
		error("read ECONNRESET", { code: "ECONNRESET", level: "client-socket" }),
		"connection-lost",
		{ reason: "reset", phase: "key-exchange" },
	],
	[
		"no key exchange",
		inKex,
		error("Handshake failed: no matching key exchange algorithm", { level: "handshake" }),
		"no-common-algorithm",
		{ kind: "key exchange" },
	],
	["no cipher", inKex, error("Handshake failed: no matching C->S cipher"), "no-common-algorithm", { kind: "cipher" }],
	["no MAC", inKex, error("Handshake failed: no matching S->C MAC"), "no-common-algorithm", { kind: "MAC" }],
	[
		"no host key",
		inKex,
		error("Handshake failed: no matching host key format"),
		"no-common-algorithm",
		{ kind: "host key" },
	],
	[
		"false signature",
		inKex,
		error("Handshake failed: signature verification failed"),
		"connection-lost",
		{ reason: "handshake failed: signature verification failed" },
	],
	[
		"all refused",
		inSignIn,
		error("All configured authentication methods failed", { level: "client-authentication" }),
		"authentication-failed",
		{ user: "u", tried: ["publickey"], offered: ["publickey", "password"] },
	],
	[
		"no agent",
		{ ...inSignIn, untried: "no agent is running" },
		error("All configured authentication methods failed", { level: "client-authentication" }),
		"authentication-failed",
		{ reason: "no agent is running" },
	],
	[
		"too many keys",
		inSignIn,
		error("Too many authentication failures", { code: 2 }),
		"too-many-authentication-failures",
		{ user: "u" },
	],
	[
		"account expired",
		{ ...inSignIn, banner: "Your account has expired\n" },
		undefined,
		"connection-lost",
		{ phase: "sign-in", banner: "Your account has expired" },
	],
	["login grace time", inSignIn, undefined, "connection-lost", { phase: "sign-in", reason: "closed by the server" }],
]

describe("a connection that fails before the sign-in", () => {
	test.each(TABLE)("%s", (_, changes, cause, code, data) => {
		const { failure } = classifyDialFailure({ ...state, ...changes }, cause)
		expect(failure).toMatchObject({ code, data: { ...endpoint, ...data } })
		expect(sentenceOf(failure).what).toContain("h")
	})
})

test.each([
	["ENOTFOUND", "name-not-found", { temporary: false }],
	["EAI_AGAIN", "name-not-found", { temporary: true }],
	["ECONNREFUSED", "refused", { port: 22 }],
	["EHOSTUNREACH", "unreachable", { port: 22 }],
	["ENETUNREACH", "unreachable", { port: 22 }],
	["ETIMEDOUT", "timed-out", { phase: "connect" }],
	["ECONNRESET", "connection-lost", { reason: "reset" }],
	["EACCES", "unreachable", { reason: "eacces" }],
])("a socket's %s is %s", (code, expected, data) => {
	expect(classifySocketError(error("x", { code }), endpoint).failure).toMatchObject({
		code: expected,
		data: { host: "h", ...data },
	})
})
