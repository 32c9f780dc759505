import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { expect, test } from "vitest"
import { clearVersions } from "../../../../../core/fleet/library/clear-versions.ts"
import { readOpenModule } from "../../../../../core/fleet/services/module-folder.ts"
import { failureOf, makeIndex, makeModule, makePlace, publish, read, writeFiles } from "./place.ts"

/** A module with 1.0.0 and 1.0.1 published, and something newer in its folder. */
async function publishTwo() {
	const place = makePlace()
	const { folder } = await place.library.import({ folder: makeModule(place.root), copy: true })
	chmodSync(join(folder, "src/a.txt"), 0o755)
	await publish(place.library, folder, "1.0.0")
	const first = await readOpenModule(folder)
	writeFiles(folder, { "index.json": makeIndex("1.0.1", ["a.txt", "b.txt"]), "src/a.txt": "two\n", "src/b.txt": "b\n" })
	await publish(place.library, folder, "1.0.1")
	writeFiles(folder, { "src/a.txt": "not published\n" })
	return { ...place, folder, first }
}

test("a published version is a module of its own with its name and digest; the working files stay", async () => {
	const { library, folder, data, first } = await publishTwo()
	const opened = await library.openVersion({ folder, version: "1.0.0" })
	expect(opened.folder.startsWith(join(data, "versions"))).toBe(true)
	expect(opened).toMatchObject({ name: "fix", digest: first.digest, module: { metadata: { schema_version: "1.0.0" } } })
	expect(read(opened.folder, "src/a.txt")).toBe("one\n")
	expect(existsSync(join(opened.folder, "src/b.txt"))).toBe(false)
	expect(statSync(join(opened.folder, "src/a.txt")).mode & 0o777).toBe(0o755)
	expect(read(folder, "src/a.txt")).toBe("not published\n")
	const later = await library.openVersion({ folder, version: "1.0.1" })
	expect(later.folder).not.toBe(opened.folder)
	expect(read(later.folder, "src/a.txt")).toBe("two\n")
	expect(readdirSync(dirname(opened.folder))).toEqual(["fix"])
})

test("what lies there is used again, and made anew where somebody changed it", async () => {
	const { library, folder } = await publishTwo()
	const { folder: there, digest } = await library.openVersion({ folder, version: "1.0.0" })
	const made = statSync(join(there, "index.json")).ino
	await library.openVersion({ folder, version: "1.0.0" })
	expect(statSync(join(there, "index.json")).ino).toBe(made)
	writeFileSync(join(there, "src/a.txt"), "evil\n")
	writeFiles(there, { "src/more.txt": "more\n" })
	expect(await library.openVersion({ folder, version: "1.0.0" })).toMatchObject({ folder: there, digest })
	expect(read(there, "src/a.txt")).toBe("one\n")
	expect(existsSync(join(there, "src/more.txt"))).toBe(false)
})

test("what is not the digest that was published is not opened; nor what never was", async () => {
	const { library, folder, store } = await publishTwo()
	for (const version of ["9.9.9", "kept/nothing", "../1.0.0"])
		expect(await failureOf(library.openVersion({ folder, version }))).toMatchObject({ code: "version-unknown" })
	const [known] = store.library.published(folder).filter(({ version }) => version === "1.0.0")
	if (!known) throw new Error("the version is not recorded")
	store.library.record(folder, { ...known, digest: "0".repeat(64) })
	expect(await failureOf(library.openVersion({ folder, version: "1.0.0" }))).toMatchObject({ code: "tag-changed" })
})

test("a version that nobody opened for a month is cleared away, except one that a run is still of", async () => {
	const { library, folder, data } = await publishTwo()
	const versions = join(data, "versions")
	const open = async (version: string) => (await library.openVersion({ folder, version })).folder
	const [first, second] = [await open("1.0.0"), await open("1.0.1")]
	const age = (path: string, days: number) => {
		const at = new Date(Date.now() - days * 86_400_000)
		utimesSync(dirname(path), at, at)
	}
	for (const path of [first, second]) age(path, 29)
	await clearVersions(versions, [])
	expect([first, second].map((path) => existsSync(path))).toEqual([true, true])
	for (const path of [first, second]) age(path, 31)
	// Whoever opens one begins its time anew.
	await open("1.0.1")
	await clearVersions(versions, [])
	expect([first, second].map((path) => existsSync(path))).toEqual([false, true])

	age(second, 31)
	mkdirSync(join(versions, ".gone-half/fix"), { recursive: true })
	await clearVersions(versions, [second])
	expect(readdirSync(versions)).toEqual([dirname(second).split("/").at(-1)])
	await clearVersions(versions, [])
	expect(readdirSync(versions)).toEqual([])
	expect(await open("1.0.0")).toBe(first)
	await clearVersions(join(data, "nowhere"), [])
})
