import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Failure, failureCodeSchema } from "../../../../core/schema/failure.ts"
import { sentenceOf } from "../../../../core/schema/sentences.ts"

const everyKey = [
	...["path", "reason", "limitBytes", "faults", "host", "temporary", "port", "phase", "seconds", "received", "banner"],
	...[
		"keyType",
		"fingerprint",
		"line",
		"known",
		"certAuthority",
		"user",
		"tried",
		"offered",
		"kind",
		"output",
		"found",
	],
	...["needed", "architecture", "neededBytes", "freeBytes", "ours", "theirs", "exit", "signal", "run", "since", "by"],
	...["module", "installed", "requested", "version", "pool", "paths", "keptAs", "id", "what", "message"],
	...["target", "program", "needs", "keys", "key"],
]
const filled = (value: Failure["data"][string]) => Object.fromEntries(everyKey.map((key) => [key, value]))
const one = (text: string) => /^\S[\s\S]*\S$/.test(text) && !/undefined|null|NaN|\[object/.test(text)
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const unsafe = /[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/u

describe.each(failureCodeSchema.options)("%s", (code) => {
	test("says what and what to do, without any fact", () => {
		const { what, next } = sentenceOf({ code, data: {} })
		expect(what).toSatisfy(one)
		expect(next).toSatisfy(one)
		expect(what).toMatch(/^[A-Z].*[^.]\.$/)
		expect(next).toMatch(/^[A-Z]/)
		expect(what).not.toMatch(/ {2}| [.,;:]|“”/)
	})

	test("stays one short safe line whatever its facts say", () => {
		const hostile = "\x1b]0;title\x07\x1b[31mred\x1b[0m\r\n\0\u202egnp.\u2066\ud800"
		for (const data of [filled(hostile), filled("x".repeat(100_000)), filled([hostile, "b"]), filled(7), filled("")]) {
			const { what, next } = sentenceOf({ code, data })
			for (const text of [what, next]) {
				expect(text).toSatisfy(one)
				expect(text).not.toMatch(unsafe)
				expect(text).not.toContain("title")
				expect(text.length).toBeLessThan(7 * 300 + 300)
			}
		}
	})
})

test("no text from outside gets through unescaped or makes a sentence fail", () => {
	const anyText = fc.string({
		unit: fc.constantFrom("\x1b", "[", "m", "]", "\u202e", "\ud83d", "\udc00", "a", "\n", "…", "😀"),
	})
	const anyData = fc.dictionary(
		fc.constantFrom(...everyKey),
		fc.oneof(anyText, fc.integer(), fc.boolean(), fc.array(anyText)),
	)
	fc.assert(
		fc.property(fc.constantFrom(...failureCodeSchema.options), anyData, (code, data) => {
			const { what, next } = sentenceOf({ code, data })
			expect(what).not.toMatch(unsafe)
			expect(next).not.toMatch(unsafe)
		}),
	)
})

test("a code of a newer program is still a sentence", () => {
	const { what } = sentenceOf({ code: "from-the-future" as Failure["code"], data: { message: "it" } })
	expect(what).toBe("This program made a mistake: it.")
})

const rows: [code: Failure["code"], data: Failure["data"], what: string, next?: RegExp][] = [
	["module-unreadable", { path: "/m/index.json", reason: "missing" }, "/m/index.json cannot be read: it is not there."],
	[
		"module-unreadable",
		{ path: "/m", reason: "too-large", limitBytes: 4194304 },
		"/m cannot be read: it is larger than the 4 MiB an index may have.",
	],
	["module-faulty", { path: "/m", faults: 1 }, "/m has a fault, so nothing was run."],
	["module-faulty", { path: "/m", faults: 3 }, "/m has 3 faults, so nothing was run."],
	["name-not-found", { host: "nas", temporary: false }, "No address is known for nas.", /spelling/],
	[
		"name-not-found",
		{ host: "nas", temporary: true },
		"The name service did not answer when asked for nas.",
		/network connection/,
	],
	["refused", { host: "nas.local", port: 2222 }, "nas.local is there, but no SSH server listens on port 2222."],
	[
		"timed-out",
		{ host: "h", port: 22, phase: "banner", seconds: 20 },
		"h did not answer within 20 seconds: the connection stands, but no SSH greeting came.",
	],
	[
		"connection-lost",
		{ host: "h", port: 22, banner: "Your account has expired." },
		"The connection to h was lost, saying “Your account has expired.”",
	],
	[
		"host-key-changed",
		{
			host: "h",
			port: 2022,
			keyType: "ssh-ed25519",
			fingerprint: "SHA256:new",
			known: "SHA256:old",
			path: "/k",
			line: 3,
		},
		"h port 2022 shows the ssh-ed25519 key SHA256:new instead of the known one SHA256:old: it was set up anew, or someone is in between.",
		/in \/k, line 3 /,
	],
	[
		"authentication-failed",
		{ host: "h", user: "root", tried: ["publickey", "password"], offered: ["publickey"] },
		"h did not let root in by publickey, password.",
		/accepts publickey\.$/,
	],
	[
		"sudo-refused",
		{ host: "h", user: "eve", reason: "not-allowed" },
		"eve cannot become root on h: sudo does not allow it.",
	],
	[
		"sudo-refused",
		{ host: "h", user: "eve", reason: "wrong-password" },
		"eve cannot become root on h: the password is wrong.",
		/^Enter the password/,
	],
	["no-suitable-runtime", { host: "h", found: "16.20.2" }, "h has Node 16.20.2, but the runner needs 18 or newer."],
	[
		"disk-full",
		{ host: "h", path: "/var", neededBytes: 5 * 1024 ** 3, freeBytes: 1536 },
		"There is too little space at /var on h: 5 GiB are needed, 1.5 KiB are free.",
	],
	[
		"disk-full",
		{ path: "/home/x/.local", freeBytes: 0 },
		"There is too little space at /home/x/.local: 0 bytes are free.",
	],
	[
		"busy",
		{ host: "h", run: "r1", since: "2026-01-01T00:00:00Z", by: "eve@desk" },
		"Another run (r1) is going on at h since 2026-01-01T00:00:00Z, started by eve@desk.",
	],
	[
		"refused-downgrade",
		{ module: "m", installed: "1.2.0", requested: "1.1.0" },
		"The appliance holds 1.2.0 of m, which is higher than 1.1.0.",
	],
	["unknown-pool", { pool: "x", known: ["a", "b"] }, "There is no pool x.", /^Choose from a, b\.$/],
	["internal", { message: "it broke." }, "This program made a mistake: it broke."],
]
test.each(rows)("%s %j", (code, data, what, next) => {
	const sentence = sentenceOf({ code, data })
	expect(sentence.what).toBe(what)
	if (next) expect(sentence.next).toMatch(next)
})
