import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { expect, test } from "vitest"
import { createListWatch } from "../../../../../core/fleet/library/watch/list-watch.ts"
import { openStore } from "../../../../../core/fleet/store/store.ts"
import type { LibraryModule, ListChange } from "../../../../../core/schema/library.ts"
import { poll } from "../../../../support/appliances/command.ts"
import { makeRun } from "../make.ts"
import { makeIndex, makeModule, makePlace, publish, writeFiles } from "./place.ts"

/** What a reader that applies every change holds. */
function listen(follow: (signal: AbortSignal) => AsyncIterable<ListChange>) {
	const rows = new Map<string, LibraryModule>()
	const told: ListChange[] = []
	const stop = new AbortController()
	const apply = (change: ListChange) => {
		told.push(change)
		if (change.type === "snapshot") rows.clear()
		if (change.type === "changed") for (const folder of change.removed) rows.delete(folder)
		if (change.type !== "unreadable") for (const row of change.modules) rows.set(row.folder, row)
	}
	const ended = (async () => {
		for await (const change of follow(stop.signal)) apply(change)
	})()
	return {
		told,
		names: () => [...rows.values()].map(({ name }) => name).sort(),
		row: (name: string) => [...rows.values()].find((row) => row.name === name),
		rows: () => [...rows.values()].sort((a, b) => (a.folder < b.folder ? -1 : 1)),
		until: (what: string, isTrue: () => boolean) => poll(what, 10, () => (told.length > 0 && isTrue()) || undefined),
		async stop() {
			stop.abort()
			await ended
		},
	}
}

/** Hints alone have to do: nothing is looked at in intervals. */
const HINTS = { times: { lookMs: 600_000, blindLookMs: 600_000 } }

test("modules that others make, change, move, archive and remove are told, numbered", async () => {
	const place = makePlace(HINTS)
	const { library, root, data } = place
	const elsewhere = makeModule(root, "elsewhere")
	await library.import({ folder: elsewhere, copy: false })
	const list = listen(library.followList)
	await list.until("the snapshot", () => list.names().join() === "elsewhere")

	const folder = makeModule(library.folder, "made")
	await list.until("a new one", () => list.row("made")?.working.state === "never-published")
	writeFiles(folder, { "index.json": makeIndex("1.4.0") })
	await list.until("a new text", () => list.row("made")?.version === "1.4.0")
	await publish(place.again(), folder)
	await list.until("another program's version", () => list.row("made")?.working.state === "published")
	mkdirSync(join(folder, "src/deep/er"), { recursive: true })
	writeFileSync(join(folder, "src/deep/er/b.txt"), "b")
	await list.until("a new source", () => list.row("made")?.working.state === "changed")
	writeFileSync(join(folder, "src/deep/er/b.txt"), "c")
	renameSync(folder, join(library.folder, "moved"))
	await list.until("another name", () => list.names().join() === "elsewhere,moved")

	const other = openStore(data, () => {})
	other.library.archive(join(library.folder, "moved"), true)
	await list.until("archived by another program", () => list.row("moved")?.isArchived === true)
	other.close()
	writeFiles(elsewhere, { "index.json": makeIndex("2.0.0") })
	await list.until("a new text elsewhere", () => list.row("elsewhere")?.version === "2.0.0")
	renameSync(elsewhere, join(root, "hidden"))
	await list.until("gone elsewhere", () => list.row("elsewhere")?.problem?.code === "module-unreadable")
	renameSync(join(root, "hidden"), elsewhere)
	await list.until("back elsewhere", () => list.row("elsewhere")?.version === "2.0.0")
	library.forget(elsewhere)
	await list.until("forgotten", () => list.names().join() === "moved")
	rmSync(join(library.folder, "moved"), { recursive: true })
	await list.until("removed", () => list.names().length === 0)
	await list.stop()
	expect(list.told.map(({ seq }) => seq)).toEqual(list.told.map((_, index) => index))
	expect(list.told.slice(1).every(({ type }) => type === "changed")).toBe(true)
})

test("the library's own folder goes and comes back", async () => {
	const { library } = makePlace(HINTS)
	await library.create({ name: "one" })
	const list = listen(library.followList)
	await list.until("the snapshot", () => list.names().join() === "one")
	for (const name of ["two", "three"]) {
		rmSync(library.folder, { recursive: true })
		await list.until("none", () => list.names().length === 0)
		makeModule(library.folder, name)
		await list.until("the new one", () => list.names().join() === name)
	}
	// At once, so that nobody saw it gone.
	rmSync(library.folder, { recursive: true })
	makeModule(library.folder, "four")
	await list.until("a folder of the same name", () => list.names().join() === "four")
	writeFiles(join(library.folder, "four"), { "index.json": makeIndex("4.0.0") })
	await list.until("what is in it", () => list.row("four")?.version === "4.0.0")
	makeModule(library.folder, "five")
	await list.until("one more in it", () => list.names().join() === "five,four")
	await list.stop()
})

test("one change of 200 modules reads one of them, and rest reads none", async () => {
	const { library } = makePlace()
	const folders = Array.from({ length: 200 }, (_, n) => makeModule(library.folder, `module-${n}`))
	const { modules } = await library.list()
	const reads: string[] = []
	const watch = createListWatch({
		libraryFolder: library.folder,
		dataFolder: join(library.folder, ".."),
		readRemembered: () => [],
		log: () => {},
		listFolders: async () => ({
			modules: folders.map((folder) => ({ folder, isOwn: true, isArchived: false })),
			others: [],
		}),
		readRow: async (listed) => {
			reads.push(listed.folder)
			const row = modules.find(({ folder }) => folder === listed.folder)
			return { ...(row as LibraryModule), changedAt: String(reads.length) }
		},
		...HINTS,
	})
	await watch.scan()
	const list = listen(watch.follow)
	await list.until("the snapshot", () => list.names().length === 200)
	expect(reads).toHaveLength(200)
	await sleep(300)
	expect(reads).toHaveLength(200)
	writeFileSync(join(folders[7] as string, "src/a.txt"), "two\n")
	await list.until("the change", () => list.told.length > 1)
	await sleep(300)
	expect(new Set(reads.slice(200))).toEqual(new Set([folders[7]]))
	await list.stop()
	watch.close()
})

test("a run that writes the database has nothing read; another program that remembers a module has", async () => {
	const { library, data, root, store } = makePlace()
	const folder = makeModule(library.folder, "own")
	const elsewhere = makeModule(root, "elsewhere")
	const modules = [{ folder, isOwn: true, isArchived: false }]
	const counts = { lists: 0, asked: 0 }
	const watch = createListWatch({
		libraryFolder: library.folder,
		dataFolder: data,
		readRemembered() {
			counts.asked++
			return store.library.folders()
		},
		log: () => {},
		async listFolders() {
			counts.lists++
			return { modules, others: [] }
		},
		readRow: async (one) => (await library.list()).modules.find(({ folder }) => folder === one.folder) as LibraryModule,
		...HINTS,
	})
	await watch.scan()
	const list = listen(watch.follow)
	await list.until("the snapshot", () => list.rows().length === 1)
	await sleep(300)
	const before = { ...counts }

	const other = openStore(data, () => {})
	other.runs.save(makeRun({}), null)
	await poll("the database was looked into", 10, () => counts.asked > before.asked || undefined)
	await sleep(300)
	expect(counts.lists).toBe(before.lists)
	other.library.remember(elsewhere)
	modules.push({ folder: elsewhere, isOwn: false, isArchived: false })
	await list.until("what the other program remembers", () => list.rows().length === 2)
	// Something else at the same time is not overlooked.
	other.runs.save(makeRun({}), null)
	writeFiles(folder, { "index.json": makeIndex("3.0.0") })
	await list.until("the change", () => list.rows().some(({ version }) => version === "3.0.0"))
	other.close()
	await list.stop()
	watch.close()
})

test("where watching fails it is looked at", async () => {
	const { library } = makePlace()
	const readRow = async (listed: { folder: string }) =>
		(await library.list()).modules.find(({ folder }) => folder === listed.folder) as LibraryModule
	const folder = makeModule(library.folder, "seen")
	const watch = createListWatch({
		libraryFolder: library.folder,
		dataFolder: join(library.folder, ".."),
		readRemembered: () => [],
		log: () => {},
		listFolders: async () => ({ modules: [{ folder, isOwn: true, isArchived: false }], others: [] }),
		readRow,
		times: { blindLookMs: 30 },
		watch: () => {
			throw Object.assign(new Error("no more"), { code: "ENOSPC" })
		},
	})
	await watch.scan()
	const list = listen(watch.follow)
	await list.until("the snapshot", () => list.row("seen")?.version === "1.0.0")
	writeFiles(folder, { "index.json": makeIndex("1.1.0") })
	await list.until("the change", () => list.row("seen")?.version === "1.1.0")
	await list.stop()
	watch.close()
})

test("a restless folder does not keep it from being looked at, and nothing is watched once it is closed", async () => {
	const { library } = makePlace()
	const folder = makeModule(library.folder, "seen")
	const [row] = (await library.list()).modules
	let reads = 0
	const open = new Set<string>()
	let hintAll = () => {}
	const slow = { ms: 0 }
	const watch = createListWatch({
		libraryFolder: library.folder,
		dataFolder: join(library.folder, ".."),
		readRemembered: () => [],
		log: () => {},
		async listFolders() {
			await sleep(slow.ms)
			return { modules: [{ folder, isOwn: true, isArchived: false }], others: [] }
		},
		async readRow() {
			reads++
			return row as LibraryModule
		},
		times: { lookMs: 100, settleMs: 5, maxSettleMs: 10 },
		watch: ((path: string, _: unknown, hint: () => void) => {
			open.add(path)
			if (path.endsWith(join(library.folder, ".."))) hintAll = hint
			return { on: () => {}, close: () => open.delete(path) }
		}) as never,
	})
	await watch.scan()
	const before = reads
	for (let round = 0; round < 30; round++) {
		hintAll()
		await sleep(20)
	}
	expect(reads).toBeGreaterThan(before)
	slow.ms = 50
	const scanning = watch.scan()
	await sleep(10)
	watch.close()
	await scanning
	expect([...open]).toEqual([])
})

test("random changes by others: a reader ends up with the truth", async () => {
	const { library } = makePlace(HINTS)
	const list = listen(library.followList)
	let state = 20261128
	const random = (below: number) => {
		state = (state * 1103515245 + 12345) % 2147483648
		return state % below
	}
	const at = () => join(library.folder, `m${random(6)}`)
	const acts = [
		() => writeFiles(at(), { "index.json": makeIndex(`1.${random(9)}.0`), "src/a.txt": `${random(9)}` }),
		() => rmSync(at(), { recursive: true, force: true }),
		() => rmSync(join(at(), "index.json"), { force: true }),
		() => rmSync(join(at(), "src"), { recursive: true, force: true }),
		() => {
			const [from, to] = [at(), `${at()}-moved`]
			rmSync(to, { recursive: true, force: true })
			writeFiles(from, { "index.json": "{" })
			renameSync(from, to)
		},
	]
	for (let n = 0; n < 150; n++) {
		acts[random(acts.length)]?.()
		if (random(4) === 0) await sleep(random(120))
	}
	const { modules } = await library.list()
	const sorted = modules.sort((a, b) => (a.folder < b.folder ? -1 : 1))
	await list.until("the truth", () => JSON.stringify(list.rows()) === JSON.stringify(sorted)).catch(() => {})
	expect(list.rows()).toEqual(sorted)
	await list.stop()
})
