import { rmSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { digestOf } from "../../../../../core/fleet/digest.ts"
import { git, hasGit, makeIndex, makeModule, makePlace, type Place, writeFiles } from "./place.ts"

const A = "/srv/a.txt"
const contents = ["first\n", "second\n", "third\n"]

/** A module that git has in three versions, each with another content; the working one is yet another. */
function makeVersions({ root }: Place) {
	const folder = makeModule(root)
	git(folder, "init", "--quiet")
	for (const [index, content] of contents.entries()) {
		writeFiles(folder, { "index.json": makeIndex(`${index + 1}.0.0`), "src/a.txt": content })
		commit(folder, `${index + 1}.0.0`)
	}
	writeFiles(folder, { "index.json": makeIndex("9.0.0"), "src/a.txt": "working\n" })
	return folder
}

function commit(folder: string, version: string) {
	git(folder, "add", "--all")
	git(folder, "commit", "--quiet", "--message", version)
	git(folder, "tag", `fix-v${version}-20260203`)
}

/** Takes an object out of the repository: `src/a.txt` of a version, its index or its tree. */
function lose(folder: string, version: string, path: string) {
	const oid = git(folder, "rev-parse", `fix-v${version}-20260203:${path}`)
	rmSync(join(folder, ".git/objects", oid.slice(0, 2), oid.slice(2)))
}

const versionsIn = async ({ library }: Place, folder: string, signal?: AbortSignal) =>
	[...((await library.publishedContents(folder, new Set([A]), signal)).get(A) ?? [])].map(([digest, version]) => [
		version,
		contents.find((content) => digestOf(content) === digest),
	])

const findIn = async ({ library }: Place, folder: string) => {
	const digests = contents.map((content) => digestOf(content))
	const found = await library.findContents({ module: { name: "fix", folder }, destination: A, digests })
	return found.map(({ text }) => text)
}

describe.skipIf(!hasGit)("what is published", () => {
	test("is known by its digest", async () => {
		const place = makePlace()
		const folder = makeVersions(place)
		expect(await versionsIn(place, folder)).toEqual([
			["3.0.0", "third\n"],
			["2.0.0", "second\n"],
			["1.0.0", "first\n"],
		])
		expect(await findIn(place, folder)).toEqual(["third\n", "second\n", "first\n"])
	})

	test.each(["src/a.txt", "index.json", "src", ""])("what one version has lost (%j) hides no other", async (path) => {
		const place = makePlace()
		const folder = makeVersions(place)
		// Known by then: it is the reading of its files that fails.
		await place.library.versions(folder)
		lose(folder, "2.0.0", path)
		expect(await versionsIn(place, folder)).toEqual([
			["3.0.0", "third\n"],
			["1.0.0", "first\n"],
		])
		expect(await findIn(place, folder)).toEqual(["third\n", "first\n"])
	})

	test("is not known of a repository that cannot be read", async () => {
		const place = makePlace()
		const folder = makeVersions(place)
		rmSync(join(folder, ".git"), { recursive: true })
		writeFiles(folder, { ".git": "gitdir: /nowhere" })
		expect(await versionsIn(place, folder)).toEqual([])
	})

	test("is no link: what git keeps of it is where it leads", async () => {
		const place = makePlace()
		const folder = makeVersions(place)
		rmSync(join(folder, "src/a.txt"))
		symlinkSync("b.txt", join(folder, "src/a.txt"))
		writeFiles(folder, { "src/b.txt": "b\n", "index.json": makeIndex("4.0.0") })
		commit(folder, "4.0.0")
		const digests = [...((await place.library.publishedContents(folder, new Set([A]))).get(A)?.keys() ?? [])]
		expect(digests).toEqual(["third\n", "second\n", "first\n"].map((text) => digestOf(text)))
	})

	test("is read no further once somebody stops it", async () => {
		const place = makePlace()
		expect(await versionsIn(place, makeVersions(place), AbortSignal.abort())).toEqual([])
	})
})
