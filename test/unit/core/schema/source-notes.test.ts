import { describe, expect, test } from "vitest"
import { traitsOf } from "../../../../core/folder/source-traits.ts"
import { findSecrets } from "../../../../core/schema/find-secrets.ts"
import { changeText, type NotedSource, type SourceUse, sourceNotes } from "../../../../core/schema/source-notes.ts"

const once: SourceUse[] = [{ pool: 0, name: "web", destination: "/srv/a" }]

function source(text: string | Uint8Array, more: Partial<NotedSource> = {}): NotedSource {
	const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text
	const traits = traitsOf(bytes, { size: bytes.length })
	return { target: "a", size: bytes.length, isExecutable: false, traits, ...more }
}

const rules = (one: NotedSource, uses = once) => sourceNotes(one, uses).map(({ rule }) => rule)

describe("notes", () => {
	const rows: [what: string, source: NotedSource, uses: SourceUse[], rules: string[]][] = [
		["nothing", source("plain\n"), once, []],
		["an empty file", source(""), once, []],
		["a script that is fine", source("#!/bin/sh\necho\n", { isExecutable: true }), once, []],
		["a script without the bit", source("#!/bin/sh\n"), once, ["script-not-executable"]],
		["one that permissions make executable", source("#!/bin/sh\n"), [{ ...once[0], mode: "0755" } as SourceUse], []],
		[
			"one that permissions do not",
			source("#!/bin/sh\n"),
			[{ ...once[0], mode: "0644" } as SourceUse],
			["script-not-executable"],
		],
		["CRLF in a script", source("#!/bin/sh\r\necho\r\n", { isExecutable: true }), once, ["script-crlf"]],
		["CRLF in a script by its name", source("echo\r\n", { target: "x/a.sh" }), once, ["script-crlf"]],
		["CRLF elsewhere", source("a\r\nb\r\n", { target: "a.bat" }), once, []],
		["a BOM before #!", source("\ufeff#!/bin/sh\n", { isExecutable: true }), once, ["script-bom"]],
		["a BOM elsewhere", source("\ufeffa\n", { target: "a.csv" }), once, []],
		["no final newline", source("a\nb"), once, ["no-final-newline"]],
		["binary", source(new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 1])), once, []],
		["unused", source("a\n"), [], ["source-unused"]],
		["unused, and nobody minds", source("a\n", { target: "x/.gitkeep" }), [], []],
		["two pools", source("a\n"), [...once, { pool: 1, name: "b", destination: "/b" }], ["source-in-two-pools"]],
		["twice in one pool", source("a\n"), [...once, { pool: 0, name: "web", destination: "/b" }], []],
		["large", source("a\n", { size: 100 * 1024 * 1024 + 1 }), once, ["source-large"]],
		["as large as may be", source("a\n", { size: 100 * 1024 * 1024 }), once, []],
		["not looked at yet", { target: "a.sh", size: 1, isExecutable: false }, once, []],
		[
			"all at once",
			source("\ufeff#!/bin/sh\r\nexport API_KEY=abc123def456"),
			[],
			["secret", "script-crlf", "script-bom", "script-not-executable", "source-unused", "no-final-newline"],
		],
	]
	test.each(rows)("%s", (_what, one, uses, expected) => {
		expect(rules(one, uses)).toEqual(expected)
	})

	test("a note about a secret never holds it", () => {
		const text = Array.from({ length: 6 }, (_, index) => `password = "hunter${index}!"`).join("\n")
		const notes = sourceNotes(source(`${text}\n`), once)
		expect(notes.map(({ line }) => line)).toEqual([1, 2, 3, undefined])
		expect(notes.at(-1)?.message).toBe("3 more lines look like secrets")
		expect(JSON.stringify(notes)).not.toContain("hunter")
	})
})

test.each([
	["a\r\nb\r\n", "line-ends", "a\nb\n"],
	["a\rb\n", "line-ends", "a\rb\n"],
	["\ufeffa\ufeff", "no-bom", "a\ufeff"],
	["a", "final-newline", "a\n"],
	["a\r\nb", "final-newline", "a\r\nb\r\n"],
	["a\n", "final-newline", "a\n"],
	["", "final-newline", ""],
] as const)("%j with %s", (text, change, after) => {
	expect(changeText(text, change)).toBe(after)
})

test("each mend of a text takes its note away and adds none", () => {
	const text = "\ufeff#!/bin/sh\r\necho"
	for (const { rule, mend } of sourceNotes(source(text), once)) {
		if (mend?.kind !== "text") continue
		const after = rules(source(changeText(text, mend.change)))
		expect(after).toEqual(rules(source(text)).filter((one) => one !== rule))
	}
})

describe("secrets", () => {
	// Put together, so that no scanner of repositories takes this file for a leak.
	const fake = (prefix: string, length: number) => `${prefix}${"A1b2".repeat(20).slice(0, length)}`
	test.each([
		"-----BEGIN PRIVATE KEY-----",
		"-----BEGIN OPENSSH PRIVATE KEY-----",
		"  -----BEGIN PGP PRIVATE KEY BLOCK-----",
		`aws = ${"AKIA"}IOSFODNN7EXAMPLQ`,
		fake("gh" + "p_", 36),
		fake("glp" + "at-", 20),
		fake("xo" + "xb-", 30),
		"DB_PASSWORD=s3cret-9",
		"export SECRET_KEY=abc123def",
		"password: hunter22",
		'const password = "hunter2!"',
		'{"apiKey": "12ab34cd56"}',
		"$config['db_password'] = 'pa55word';",
		"requirepass: x, password => 'abc#123'",
		"DATABASE_URL=postgres://app:s3cret@db/app",
	])("%s", (line) => {
		expect(findSecrets(`first\n${line}\n`)).toEqual([{ line: 2, what: expect.any(String) }])
	})

	test.each([
		"-----BEGIN CERTIFICATE-----",
		"-----BEGIN PUBLIC KEY-----",
		"password:",
		'label: { password: "Password" }',
		'"password": "Passwort vergessen?"',
		"password = $DB_PASSWORD1",
		// biome-ignore lint/suspicious/noTemplateCurlyInString: as it stands in a file
		"password = ${PASS2}",
		"DB_PASSWORD=changeme1",
		"password=<your-password-1>",
		"password = process.env.DB_PASS1",
		"const password = request.body.password1",
		'if (password === "") return 1',
		"secret_file=/run/secrets/db1",
		"api_key: xxxxxxxx",
		"PasswordAuthentication no",
		// biome-ignore lint/suspicious/noTemplateCurlyInString: as it stands in a file
		"postgres://app:${PASSWORD1}@db/app",
		"https://example.test:8443/a@b",
		`{"integrity": "sha512-${"A1".repeat(40)}"}`,
		`password = "${"a1".repeat(2000)}"`,
		`${"x".repeat(2000)} password = "hunter2!"`,
	])("not: %s", (line) => {
		expect(findSecrets(line)).toEqual([])
	})

	test("a hostile line costs no time", () => {
		const startedAt = performance.now()
		findSecrets("password ".repeat(120_000))
		findSecrets(`${`password${" ".repeat(1900)}\n`.repeat(500)}${"a://".repeat(100_000)}`)
		expect(performance.now() - startedAt).toBeLessThan(1000)
	})
})

test.each([
	["\x89PNG\r\n\x1a\n", "PNG image"],
	["\x7fELF\0", "ELF program or library"],
	["\x1f\x8b\x08\0", "gzip archive"],
	["caf\xe9\n", "text in another encoding than UTF-8"],
	["\xff\xfea\0", "UTF-16 text"],
	["\0\x02\x03", undefined],
])("%j is told by its first bytes", (bytes, type) => {
	const head = Uint8Array.from([...bytes].map((byte) => byte.charCodeAt(0)))
	expect(traitsOf(head, { size: head.length })).toMatchObject({ isText: false, ...(type && { type }) })
	expect(traitsOf(head, { size: head.length }).type).toBe(type)
})

test("a text that is cut within a character is a text, and its last byte counts", () => {
	const head = new TextEncoder().encode("aé").subarray(0, 2)
	expect(traitsOf(head, { size: 100, last: 0x0a })).toMatchObject({ isText: true, endsInNewline: true })
	expect(traitsOf(head, { size: 100, last: 0x61 })).toMatchObject({ endsInNewline: false })
	expect(traitsOf(head, { size: 2 })).toMatchObject({ isText: false })
})
