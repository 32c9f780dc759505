import { expect, test } from "vitest"
import { compareVersions, isVersion } from "../../../../core/schema/version.ts"

test("versions are ordered as semantic versions, not as text", () => {
	const ordered = [
		"0.9.9",
		"1.0.0-alpha",
		"1.0.0-alpha.2",
		"1.0.0-alpha.10",
		"1.0.0",
		"1.0.9",
		"1.0.10",
		"1.2.0",
		"1.10.0",
		"2.0.0",
	]
	expect(ordered.toReversed().sort(compareVersions)).toEqual(ordered)
	expect(compareVersions("1.0.0+a", "1.0.0+b")).toBe(0)
	expect(() => compareVersions("1.0", "1.0.0")).toThrow(TypeError)
})

test.each([
	["1.0.0", true],
	["1.0.0-rc.1+build.5", true],
	["v1.0.0", false],
	[" 1.0.0", false],
	["1.0", false],
	["1.0.0\n", false],
	["99999999999999999.0.0", false],
	[`1.0.0-${"a".repeat(300)}`, false],
])("%j is a version: %s", (text, is) => expect(isVersion(text)).toBe(is))
