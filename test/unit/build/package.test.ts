import { describe, expect, test } from "vitest"
import { makeLicences } from "../../../build/package/licences.ts"
import { findUnjudged, type Piece } from "../../../build/package/pieces.ts"
import { makeSbom } from "../../../build/package/sbom.ts"
import { type Machine, TARGETS, type TargetName, whyNot } from "../../../build/package/targets.ts"

describe("what a machine cannot build, and why", () => {
	const bare: Machine = {
		platform: "linux",
		hasElectron: true,
		mayDownload: false,
		hasProgram: () => false,
		hasVariable: () => false,
	}
	const has = (...names: string[]) => ({ hasProgram: (name: string) => names.includes(name) })
	const reasons = (machine: Machine) =>
		Object.fromEntries(TARGETS.map((target) => [target, whyNot(target, machine)?.split(" ", 3).join(" ") ?? "can"]))

	test("without Electron: nothing", () => {
		const machine = { ...bare, hasElectron: false }
		for (const target of ["dir", "deb", "rpm"] as const) expect(whyNot(target, machine)).toMatch(/^Electron's binary/)
	})

	test.each<[string, Partial<Machine>, Partial<Record<TargetName, string>>]>([
		["a bare Linux", {}, { dir: "can", deb: "dpkg-deb is not", "tar.gz": "7za is not", rpm: "rpmbuild is not" }],
		["Debian", has("dpkg-deb", "7za"), { deb: "can", "tar.gz": "can", AppImage: "electron-builder needs a" }],
		["with rpmbuild", has("rpmbuild"), { rpm: "electron-builder needs a" }],
		["that may fetch", { mayDownload: true, ...has("rpmbuild") }, { rpm: "can", AppImage: "can", "tar.gz": "can" }],
		["with AppImage's tools", { hasVariable: (name) => name === "APPIMAGE_TOOLS_PATH" }, { AppImage: "can" }],
		["Linux", { mayDownload: true }, { nsis: "it is built", dmg: "it is built" }],
		["Windows", { platform: "win32", mayDownload: true }, { nsis: "can", dir: "it is built" }],
		["macOS", { platform: "darwin", mayDownload: true }, { dmg: "can", deb: "it is built" }],
		["macOS, no fetching", { platform: "darwin" }, { dmg: "electron-builder needs a" }],
	])("%s", (_name, machine, expected) => {
		expect(reasons({ ...bare, ...machine })).toMatchObject(expected)
	})
})

const piece = (name: string, licence: string, ...texts: string[]): Piece => ({
	...{ kind: "library", name, version: "1.2.3", licence, texts },
	purl: `pkg:npm/${name.replace("@", "%40")}@1.2.3`,
	hashes: [{ algorithm: "SHA-512", digest: "ab".repeat(64) }],
})

test("a licence that nobody has judged is named", () => {
	expect(findUnjudged([piece("a", "MIT"), piece("b", "GPL-3.0-only"), piece("c", "none named")])).toEqual([
		"b 1.2.3: GPL-3.0-only",
		"c 1.2.3: none named",
	])
})

test("the list of licences has each text once, under the pieces that share it, and says where there is none", () => {
	const list = makeLicences([
		piece("a", "MIT", "do as you like"),
		piece("b", "ISC"),
		piece("c", "MIT", "do as you like"),
	])
	expect(list.split("do as you like")).toHaveLength(2)
	expect(list).toContain("a 1.2.3 (MIT)\nc 1.2.3 (MIT)\n\ndo as you like\n")
	expect(list).toContain("b 1.2.3 (ISC)\n\nIts package says ISC and has no text of it.\n")
})

test("the bill of materials has each piece, and is the same for the same pieces in any order", () => {
	const pieces = [piece("@a/b", "MIT"), piece("c", "(MIT AND Zlib)")]
	const text = makeSbom({ name: "hotfix-manager", version: "1.0.0" }, pieces)
	expect(JSON.parse(text).components).toMatchObject([
		{
			name: "@a/b",
			purl: "pkg:npm/%40a/b@1.2.3",
			licenses: [{ license: { id: "MIT" } }],
			hashes: [{ alg: "SHA-512" }],
		},
		{ name: "c", version: "1.2.3", licenses: [{ expression: "(MIT AND Zlib)" }] },
	])
	expect(makeSbom({ name: "hotfix-manager", version: "1.0.0" }, pieces.toReversed())).toBe(text)
})
