import { describe, expect, test } from "vitest"
import {
	classifyStartFailure,
	needsSudoPassword,
	type StartState,
} from "../../../../../core/fleet/runner-install/classify-start-failure.ts"
import { sentenceOf } from "../../../../../core/schema/sentences.ts"

const state: StartState = { host: "h", user: "u", stateFolder: "/s", become: "none", stdout: "", stderr: "" }

/** Words of the bootstrap, and what stood on standard error with them (dash, bash, busybox; coreutils, gzip). */
const TABLE: [words: string, stderr: string, code: string, data: object][] = [
	[
		"NORUNTIME 32-bit armv7l v12.22.9",
		"",
		"no-suitable-runtime",
		{ reason: "32-bit", architecture: "armv7l", found: "v12.22.9", needed: "18" },
	],
	["NORUNTIME musl x86_64", "", "no-suitable-runtime", { reason: "musl", architecture: "x86_64" }],
	[
		"NOSTART",
		"node: libstdc++.so.6: cannot open",
		"no-suitable-runtime",
		{ reason: "does-not-start", output: "node: libstdc++.so.6: cannot open" },
	],
	["NOEXEC", "", "no-exec", { path: "/s" }],
	["NOROOM 123456 1000", "", "disk-full", { path: "/s", neededBytes: 126418944, freeBytes: 1024000 }],
	["FAIL write", "gzip: stdout: No space left on device", "disk-full", { path: "/s" }],
	["FAIL folder", "mkdir: cannot create directory '/s': Disk quota exceeded", "disk-full", { path: "/s" }],
	["FAIL folder", "mkdir: cannot create directory '/s': Read-only file system", "read-only", { path: "/s" }],
	[
		"FAIL write",
		"/bin/sh: 1: cannot create /s/runners/.x: Permission denied",
		"not-permitted",
		{ path: "/s", user: "u" },
	],
	["FAIL folder", "mkdir: cannot create directory '/s': Operation not permitted", "not-permitted", { path: "/s" }],
	["FAIL folder", "mkdir: cannot create directory '/s': File exists", "state-unsafe", { path: "/s" }],
	["FAIL unsafe", "", "state-unsafe", { path: "/s" }],
	["FAIL unsafe /srv/a b", "", "state-unsafe", { path: "/s", reason: "others may exchange what lies in /srv/a b" }],
	["FAIL damaged", "", "upload-damaged", { path: "/s" }],
	["FAIL tool gzip", "", "runner-failed", { reason: "gzip is not installed there" }],
	["FAIL write", "gzip: stdin: unexpected end of file", "upload-damaged", { path: "/s" }],
	["FAIL write", "gzip: stdin: not in gzip format", "upload-damaged", { path: "/s" }],
	["FAIL write", "gzip: crc error", "upload-damaged", { path: "/s" }],
	["FAIL write", "gzip: something new", "runner-failed", { output: "gzip: something new" }],
]
describe("the bootstrap's words", () => {
	test.each(TABLE)("%s: %s", (words, stderr, code, data) => {
		const { failure } = classifyStartFailure({ ...state, words: words.split(" "), stderr })
		expect(failure).toMatchObject({ code, data: { host: "h", ...data } })
		expect(sentenceOf(failure).what).not.toContain("undefined")
	})
})

const SUDO: [stderr: string, reason: string][] = [
	["/bin/sh: 1: exec: sudo: not found", "not-installed"],
	["u is not in the sudoers file.  This incident will be reported.", "not-allowed"],
	["Sorry, user u is not allowed to execute '/bin/sh' as root on h.", "not-allowed"],
	["u may not run sudo on h.", "not-allowed"],
	["sudo: sorry, you must have a tty to run sudo", "needs-terminal"],
	["Sorry, try again.\nsudo: 3 incorrect password attempts", "wrong-password"],
]
describe("sudo", () => {
	test.each(SUDO)("%s", (stderr, reason) => {
		expect(classifyStartFailure({ ...state, become: "sudo", stderr }).failure).toMatchObject({
			code: "sudo-refused",
			data: { user: "u", program: "sudo", reason },
		})
	})

	test("that wants a password is no failure yet, and only where sudo was used", () => {
		const wants = { ...state, stderr: "sudo: a password is required" }
		expect([needsSudoPassword({ ...wants, become: "sudo" }), needsSudoPassword(wants)]).toEqual([true, false])
		expect(needsSudoPassword({ ...wants, become: "sudo", words: ["FAIL", "write"] })).toBe(false)
	})
})

const DOAS: [stderr: string, reason: string][] = [
	["/bin/sh: 1: exec: doas: not found", "not-installed"],
	["doas: Operation not permitted", "not-allowed"],
	["doas: doas is not enabled, /etc/doas.conf: No such file or directory", "not-allowed"],
	["doas: syntax error at line 1", "not-allowed"],
	["doas: Authentication required", "needs-password"],
	["doas: Authorization required", "needs-password"],
]
test.each(DOAS)("doas: %s", (stderr, reason) => {
	const { failure } = classifyStartFailure({ ...state, become: "doas", stderr })
	expect(failure).toMatchObject({ code: "sudo-refused", data: { user: "u", program: "doas", reason, output: stderr } })
	expect(sentenceOf(failure).what).toContain("doas")
})

test.each([
	["This account is currently not available.", "", "channel-refused"],
	["This service allows sftp connections only.", "", "channel-refused"],
	["", "Password change required but no TTY available.", "channel-refused"],
	["", "sh: 1: Syntax error", "runner-failed"],
])("a login that starts nothing: %s%s", (stdout, stderr, code) => {
	expect(classifyStartFailure({ ...state, stdout, stderr, end: { exit: 1 } }).failure.code).toBe(code)
})
