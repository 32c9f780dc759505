import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, test } from "vitest"
import { digestOf } from "../../../../../core/fleet/digest.ts"
import { findParents, makeParents } from "../../../../../core/fleet/library/files/make-parents.ts"
import { poll } from "../../../../support/appliances/command.ts"
import { collect } from "./collect.ts"
import { failureOf, makeModule, makePlace, read, writeFiles } from "./place.ts"

const digest = (text: string) => digestOf(text)

describe.each([
	["src", "out"],
	["src/d", "out"],
	["src/d/e", "out"],
	["src/d/e/f", "out"],
	["src/d", "out/not-there"],
	["src/d/e", "out/not-there"],
	["src/d", "loop"],
])("%s is a link to %s", (at, to) => {
	const make = () => {
		const place = makePlace()
		const folder = makeModule(place.root)
		mkdirSync(join(place.root, "out"))
		symlinkSync("loop", join(place.root, "loop"))
		if (at === "src") renameSync(join(folder, "src"), join(place.root, "away"))
		mkdirSync(dirname(join(folder, at)), { recursive: true })
		symlinkSync(join(place.root, to), join(folder, at))
		return { ...place, folder }
	}
	const target = "d/e/f/g/new.txt"
	const base = digest("one\n")

	test("nothing is made where it leads", async () => {
		const { library, root, folder } = make()
		const refused = { code: "source-refused", data: { reason: expect.stringMatching(/^(outside|in-the-way)$/) } }
		expect(await failureOf(library.save({ folder, target, text: "new" }))).toMatchObject(refused)
		const from = { kind: "text" as const, text: "new" }
		expect(await collect(library.addSources(folder, [{ target, from }]))).toMatchObject([
			{ state: "failed", failure: refused },
		])
		expect(await library.renameSource(folder, { target: "a.txt", to: target, base })).toMatchObject({
			state: "failed",
			failure: { code: "source-refused" },
		})
		expect(await failureOf(findParents(folder, `src/${target}`))).toMatchObject(refused)
		expect(readdirSync(join(root, "out"))).toEqual([])
		expect(lstatSync(join(folder, at)).isSymbolicLink()).toBe(true)
	})
})

describe("the folders of a new file", () => {
	test("are made below a link that leads inside", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root)
		mkdirSync(join(folder, "src/real"))
		symlinkSync("real", join(folder, "src/d"))
		expect(await library.save({ folder, target: "d/e/new.txt", text: "new" })).toMatchObject({ state: "saved" })
		expect(read(folder, "src/real/e/new.txt")).toBe("new")
	})

	test("are not made where there is nothing to replace", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root)
		const saved = await library.save({ folder, target: "d/e/new.txt", text: "new", base: digest("old") })
		expect(saved).toEqual({ state: "conflict", theirs: {}, ours: "new" })
		expect(existsSync(join(folder, "src/d"))).toBe(false)
	})

	test("a link that somebody puts there meanwhile is not gone through", async () => {
		const { root } = makePlace()
		const folder = makeModule(root)
		mkdirSync(join(root, "out"))
		const parents = await findParents(folder, "src/d/e/new.txt")
		symlinkSync(join(root, "out"), join(folder, "src/d"))
		expect(await failureOf(makeParents("src/d/e/new.txt", parents))).toMatchObject({ data: { reason: "in-the-way" } })
		rmSync(join(folder, "src"), { recursive: true })
		symlinkSync(join(root, "out"), join(folder, "src"))
		expect(await failureOf(makeParents("src/new.txt", { ...parents, missing: [] }))).toMatchObject({
			data: { reason: "outside" },
		})
		expect(readdirSync(join(root, "out"))).toEqual([])
	})

	test.each(["src/../out/x", "src/../../out/x", "src/d/../../out/x", "src/new/../../out/x", "src/new/../../../made/x"])(
		"are not looked for or made above it: %s",
		async (name) => {
			const { root } = makePlace()
			const folder = makeModule(root, "fix", { "src/d/b.txt": "b", "out/keep": "" })
			mkdirSync(join(root, "out"))
			const make = async () => makeParents(name, await findParents(folder, name))
			expect(await failureOf(make())).toMatchObject({ code: "source-refused", data: { reason: "outside" } })
			expect(readdirSync(root).sort()).toEqual(["data", "fix", "out"])
			expect(readdirSync(folder).sort()).toEqual(["index.json", "out", "src"])
		},
	)

	test("a file in their place is in the way", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root)
		symlinkSync("a.txt", join(folder, "src/link"))
		for (const target of ["a.txt/x", "link/x"])
			expect(await failureOf(library.save({ folder, target, text: "new" }))).toMatchObject({
				code: "source-refused",
				data: { reason: "in-the-way" },
			})
	})
})

describe("a link that is no source is removed, never what it leads to", () => {
	test.each([
		["to nothing", "gone"],
		["to itself", "deep/link"],
		["out of src/", "../../../victim"],
		["to a folder outside", "../../../out"],
		["to a folder inside", "../other"],
		["to a device", "/dev/zero"],
	])("%s", async (_, to) => {
		const { library, root } = makePlace()
		const folder = makeModule(root, "fix", { "src/other/b.txt": "b" })
		writeFiles(root, { victim: "victim", "out/keep": "keep" })
		mkdirSync(join(folder, "src/deep"))
		symlinkSync(to === "deep/link" ? "link" : to, join(folder, "src/deep/link"))
		const leads = to === "deep/link" ? "link" : to
		const remove = (base: string) => library.removeSources(folder, [{ target: "deep/link", base }])
		// Digests of what it leads to are none of ours to confirm.
		for (const base of [digest("victim"), digest("other")])
			expect(await remove(base)).toEqual([{ state: "conflict", target: "deep/link", digest: digest(leads) }])
		const { links = [] } = await library.open(folder)
		expect(links).toMatchObject([{ target: "deep/link", digest: digest(leads) }])
		const told: string[][] = []
		const stop = new AbortController()
		const ended = (async () => {
			for await (const change of library.follow(folder, stop.signal)) {
				const now = change.type === "snapshot" ? change.module : change.type === "changed" ? change : undefined
				told.push((now?.links ?? []).map(({ target }) => target))
			}
		})()
		await poll("the snapshot", 10, () => told.length || undefined)
		expect(await remove(digest(leads))).toEqual([{ state: "done", target: "deep/link" }])
		await poll("its removal", 10, () => told.length > 1 || undefined)
		stop.abort()
		await ended
		expect([told[0], told.at(-1)]).toEqual([["deep/link"], []])
		expect(existsSync(join(folder, "src/deep"))).toBe(false)
		expect(read(root, "victim")).toBe("victim")
		expect(readdirSync(join(root, "out"))).toEqual(["keep"])
		expect(read(folder, "src/other/b.txt")).toBe("b")
	})

	test("one to a source is removed as that source is", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root)
		symlinkSync("a.txt", join(folder, "src/link"))
		const [removed] = await library.removeSources(folder, [{ target: "link", base: digest("one\n") }])
		expect(removed).toMatchObject({ state: "done" })
		expect(readdirSync(join(folder, "src"))).toEqual(["a.txt"])
	})

	test("not through a folder that leads outside", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root)
		mkdirSync(join(root, "out"))
		symlinkSync("nowhere", join(root, "out/link"))
		symlinkSync(join(root, "out"), join(folder, "src/d"))
		const [removed] = await library.removeSources(folder, [{ target: "d/link", base: digest("nowhere") }])
		expect(removed).toMatchObject({ state: "failed", failure: { code: "source-refused", data: { reason: "outside" } } })
		writeFileSync(join(root, "out/still"), "")
		expect(readdirSync(join(root, "out"))).toEqual(["link", "still"])
	})
})
