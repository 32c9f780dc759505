import { describe, expect, test } from "vitest"
import { coversPath, type Glob, matchesGlob, parseGlob } from "../../../../../core/engine/policy/glob.ts"

const glob = (text: string): Glob => {
	const parsed = parseGlob(text)
	if ("fault" in parsed) throw new Error(parsed.fault)
	return parsed
}

const matching: [pattern: string, path: string][] = [
	["/etc/hosts", "/etc/hosts"],
	["/etc/*", "/etc/hosts"],
	["/etc/*", "/etc/.hidden"],
	["/etc/*.conf", "/etc/.conf"],
	["/etc/*.conf", "/etc/a.b.conf"],
	["/etc/a*b*c", "/etc/abxbxcabc"],
	["/*/*/x", "/a/b/x"],
	["/**", "/a"],
	["/**", "/a/b/c"],
	["/opt/**", "/opt"],
	["/opt/**", "/opt/a/b"],
	["/opt/**/x", "/opt/x"],
	["/opt/**/x", "/opt/x/a/x"],
	["/**/a/**/b", "/a/a/c/b/b"],
	["/**/**/x", "/x"],
	["/srv/über", "/srv/über"],
	["/srv/*", "/srv/😀"],
	["/srv/*😀", "/srv/a😀"],
	["/srv/*", "/srv/two\nlines"],
	["/srv/$(x) '^.+", "/srv/$(x) '^.+"],
]
const different: [pattern: string, path: string][] = [
	["/etc/hosts", "/etc/hosts2"],
	["/etc/hosts", "/ETC/hosts"],
	["/etc", "/etc/hosts"],
	["/etc/*", "/etc/a/b"],
	["/etc/*", "/etc"],
	["/etc/*.conf", "/etc/conf"],
	["/etc/a*b*c", "/etc/abxbxcab"],
	["/etc/.conf", "/etc/xconf"],
	["/opt/**/x", "/opt/xx"],
	["/opt/**/x", "/optx"],
	["/**/a/**/b", "/b/a"],
	// One written as a letter and an accent, the other as one character: two files.
	["/srv/u\u0308ber", "/srv/über"],
	["/srv/a", "/srv/a\n"],
	["/srv/a", "/srv/b\n/srv/a"],
]

test.each(matching)("%j means %j", (pattern, path) => {
	expect(matchesGlob(glob(pattern), path)).toBe(true)
})

test.each(different)("%j does not mean %j", (pattern, path) => {
	expect(matchesGlob(glob(pattern), path)).toBe(false)
})

test.each([
	["/etc", "/etc/ssh/sshd_config", true],
	["/etc/*", "/etc/ssh/sshd_config", true],
	["/home/*/.ssh", "/home/bob/.ssh/authorized_keys", true],
	["/etc/ssh", "/etc/ssh2/x", false],
	["/etc/ssh/x", "/etc/ssh", false],
])("%j covers %j: %j", (pattern, path, expected) => {
	expect(coversPath(glob(pattern), path)).toBe(expected)
})

describe("no pattern", () => {
	test.each([
		["etc/hosts", "no absolute path"],
		["", "no absolute path"],
		["**/x", "no absolute path"],
		["!/etc", "no absolute path"],
		["/", "no normal path"],
		["/etc/", "no normal path"],
		["/etc//x", "no normal path"],
		["/etc/../x", "no normal path"],
		["/etc/./x", "no normal path"],
		["/a**", "beside other characters"],
		["/a/***/b", "beside other characters"],
		["/etc/host?", '"?" has no meaning'],
		["/etc/[ab]", '"[" has no meaning'],
		["/etc/{a,b}", '"{" has no meaning'],
		["/etc/\\*", '"\\" has no meaning'],
		["/etc/\0", "no file can have such a name"],
		["/etc/\ud800", "no file can have such a name"],
		[`/${"x".repeat(1024)}`, "too long"],
	])("is %j", (text, fault) => {
		expect(parseGlob(text)).toMatchObject({ fault: expect.stringContaining(fault) })
	})
})

/** Each would take longer than the universe if a pattern were tried in every way that it could match. */
test.each([
	["stars in a name", `/${"*a".repeat(500)}`, `/${"a".repeat(4000)}b`],
	["stars for folders", `${"/**/a".repeat(200)}/b`, "/a".repeat(2000)],
	["both", "/**/*a*a*a*a".repeat(80), `${"/aaab".repeat(800)}/b`],
])("hostile %s cost no time", (_, pattern, path) => {
	const start = performance.now()
	expect(matchesGlob(glob(pattern), path)).toBe(false)
	// Milliseconds on a quiet machine.
	expect(performance.now() - start).toBeLessThan(10_000)
})

test("every name of up to four characters is meant as plain regular expressions have it", () => {
	const names = ["", "a", "b"].flatMap((x) => ["", "a", "b"].flatMap((y) => ["a", "b", "ab"].map((z) => x + y + z)))
	const patterns = ["*", "a*", "*a", "*a*", "a*b", "*a*b", "ab", "a*a*", "*b*a*b"]
	for (const pattern of patterns) {
		const expected = new RegExp(`^${pattern.replaceAll("*", ".*")}$`)
		for (const name of names)
			expect([pattern, name, matchesGlob(glob(`/${pattern}`), `/${name}`)]).toEqual([
				pattern,
				name,
				expected.test(name),
			])
	}
})
