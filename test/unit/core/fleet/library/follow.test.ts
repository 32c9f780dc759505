import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { describe, expect, test } from "vitest"
import type { LibraryService } from "../../../../../core/fleet/library/types.ts"
import { createModuleWatch } from "../../../../../core/fleet/library/watch/module-watch.ts"
import type { LibraryOpened, ModuleChange } from "../../../../../core/schema/library.ts"
import { poll } from "../../../../support/appliances/command.ts"
import { collect } from "./collect.ts"
import { git, hasGit, makeIndex, makeModule, makePlace, publish, writeFiles } from "./place.ts"

/** What a reader was told, as it comes. */
function listen(changes: (signal: AbortSignal) => AsyncIterable<ModuleChange>) {
	const told: ModuleChange[] = []
	const stop = new AbortController()
	const ended = (async () => {
		for await (const change of changes(stop.signal)) told.push(change)
	})()
	/** Waits until a change came that is as wanted. */
	const until = (isWanted: (change: Changed) => boolean) =>
		poll("the change that is waited for", 10, () =>
			told.find((one): one is Changed => one.type === "changed" && isWanted(one)),
		)
	return {
		told,
		until,
		first: () => poll("the snapshot", 10, () => told[0]),
		async stop() {
			stop.abort()
			await ended
		},
	}
}
type Changed = Extract<ModuleChange, { type: "changed" }>
const follow = (library: LibraryService, folder: string) => listen((signal) => library.follow(folder, signal))
/** What a reader that applies every change would hold. */
function replay(told: ModuleChange[]) {
	let text = ""
	const sources = new Map<string, string>()
	for (const change of told) {
		if (change.type === "unreadable") continue
		const from = change.type === "snapshot" ? change.module : change
		if (change.type === "snapshot") sources.clear()
		for (const { target, digest } of from.sources) sources.set(target, digest)
		if (change.type === "snapshot") text = change.module.text
		else {
			for (const target of change.removed) sources.delete(target)
			text = change.index?.text ?? text
		}
	}
	return { text, sources: Object.fromEntries([...sources].sort()) }
}
const truth = ({ text, sources }: LibraryOpened) => ({
	text,
	sources: Object.fromEntries(sources.map(({ target, digest }) => [target, digest])),
})

describe("following a module", () => {
	test("gives a snapshot, then what others change, numbered", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root)
		const reader = follow(library, folder)
		expect(await reader.first()).toMatchObject({
			type: "snapshot",
			seq: 0,
			module: { text: makeIndex("1.0.0"), sources: [{ target: "a.txt" }] },
		})
		writeFileSync(join(folder, "index.json"), makeIndex("1.1.0", ["a.txt", "b.txt"]))
		expect(await reader.until(({ index }) => index?.text === makeIndex("1.1.0", ["a.txt", "b.txt"]))).toMatchObject({
			own: false,
			findings: [{ rule: "source-missing" }],
		})
		mkdirSync(join(folder, "src/new/deep"), { recursive: true })
		writeFileSync(join(folder, "src/new/deep/x"), "x")
		await reader.until(({ sources }) => sources.some(({ target }) => target === "new/deep/x"))
		await sleep(300)
		appendFileSync(join(folder, "src/new/deep/x"), "y")
		await reader.until(({ sources }) => sources.some(({ target, size }) => target === "new/deep/x" && size === 2))
		renameSync(join(folder, "src/new"), join(folder, "src/old"))
		await reader.until(({ removed }) => removed.includes("new/deep/x"))
		const opened = await library.open(folder)
		expect(replay(reader.told)).toEqual(truth(opened))
		expect(reader.told.map(({ seq }) => seq)).toEqual(reader.told.map((_, index) => index))
		await reader.stop()
	})

	test("what this program writes is told as its own, also to a second reader", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root)
		const readers = [follow(library, folder), follow(library, folder)]
		for (const reader of readers) await reader.first()
		const { textDigest: base } = await library.open(folder)
		await library.save({ folder, text: makeIndex("1.2.0"), base })
		await collect(library.addSources(folder, [{ target: "b.txt", from: { kind: "text", text: "b" } }]))
		await library.setExecutable(folder, "a.txt", true)
		for (const reader of readers) {
			expect(await reader.until(({ index }) => index !== undefined)).toMatchObject({ own: true, sources: [] })
			expect(await reader.until(({ sources }) => sources.some(({ target }) => target === "b.txt"))).toMatchObject({
				own: true,
			})
			expect(await reader.until(({ sources }) => sources.some(({ isExecutable }) => isExecutable))).toMatchObject({
				own: true,
			})
		}
		await sleep(400)
		for (const reader of readers) {
			expect(reader.told.filter((one) => one.type === "changed" && !one.own)).toEqual([])
			await reader.stop()
		}
	})

	test("what publishing writes is its own, also where it is seen before publishing is done", async () => {
		const { library, root } = makePlace({ times: { settleMs: 0, maxSettleMs: 0 } })
		const folder = makeModule(root)
		const reader = follow(library, folder)
		await reader.first()
		for (const version of ["1.1.0", "1.2.0", "1.3.0"]) {
			writeFileSync(join(folder, "src/a.txt"), version)
			await sleep(200)
			await publish(library, folder, version)
			expect(await reader.until(({ index }) => index?.text.includes(version) === true)).toMatchObject({ own: true })
			await reader.until(({ standing }) => standing.working.state === "published")
		}
		// The last look at what was published takes a while on a busy machine, and what comes until then counts as ours.
		await sleep(2500)
		writeFileSync(join(folder, "index.json"), makeIndex("2.0.0"))
		expect(await reader.until(({ index }) => index?.text.includes("2.0.0") === true)).toMatchObject({ own: false })
		await reader.stop()
	})

	test("another program on the same library is told as another", async () => {
		const place = makePlace()
		const folder = makeModule(place.root)
		const reader = follow(place.library, folder)
		await reader.first()
		const other = place.again()
		const { textDigest: base } = await other.open(folder)
		await other.save({ folder, text: makeIndex("1.3.0"), base })
		expect(await reader.until(({ index }) => index !== undefined)).toMatchObject({ own: false })
		expect(await place.library.save({ folder, text: "mine", base })).toMatchObject({
			state: "conflict",
			theirs: { text: makeIndex("1.3.0") },
		})
		await publish(other, folder)
		await reader.until(({ standing }) => standing.working.state === "published")
		await reader.stop()
	})

	test.skipIf(!hasGit)("a pull of 500 files is a few changes", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root)
		git(folder, "init", "-q", "-b", "main")
		git(folder, "add", ".")
		git(folder, "commit", "-qm", "one")
		git(folder, "switch", "-qc", "many")
		writeFiles(folder, Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`src/dir-${i % 7}/${i}`, `${i}`])))
		git(folder, "add", ".")
		git(folder, "commit", "-qm", "many")
		git(folder, "switch", "-q", "main")
		const reader = follow(library, folder)
		await reader.first()
		git(folder, "merge", "-q", "--ff-only", "many")
		const opened = await library.open(folder)
		await poll("all of it to be told", 15, () =>
			Object.keys(replay(reader.told).sources).length === 501 ? true : undefined,
		)
		await sleep(500)
		expect(replay(reader.told)).toEqual(truth(opened))
		expect(reader.told.length).toBeLessThan(8)
		await reader.stop()
	})

	test("a folder that goes and comes back", async () => {
		const { library, root } = makePlace({ times: { blindLookMs: 100 } })
		const folder = makeModule(root)
		const reader = follow(library, folder)
		await reader.first()
		renameSync(folder, `${folder}-away`)
		await poll("it to be missed", 10, () => reader.told.find(({ type }) => type === "unreadable"))
		renameSync(`${folder}-away`, folder)
		await poll("it to be found again", 10, () =>
			reader.told.at(-1)?.type === "snapshot" && reader.told.length > 2 ? true : undefined,
		)
		await reader.stop()
	})

	test("where watching fails it is looked at", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root)
		const watch = createModuleWatch({
			read: () => library.open(folder),
			folder,
			log: () => {},
			times: { blindLookMs: 100, lookMs: 60_000 },
			watch: () => {
				throw Object.assign(new Error("no watches left"), { code: "ENOSPC" })
			},
		})
		const reader = listen((signal) => watch.follow(signal))
		await watch.scan(false)
		writeFileSync(join(folder, "src/a.txt"), "two\n")
		await reader.until(({ sources }) => sources.length === 1)
		watch.close()
		await reader.stop()
	})

	test("random changes by others: a reader ends up with the truth", async () => {
		const { library, root } = makePlace()
		const folder = makeModule(root)
		const reader = follow(library, folder)
		await reader.first()
		for (let round = 0; round < 150; round++) {
			const dir = join(folder, "src", ...["x", "y", "z"].slice(0, Math.floor(Math.random() * 4)))
			const what = Math.random()
			if (what < 0.6) {
				mkdirSync(dir, { recursive: true })
				writeFileSync(join(dir, `f${round % 9}`), `${Math.random()}`)
			} else if (what < 0.7) rmSync(join(folder, "src/x"), { recursive: true, force: true })
			else if (what < 0.8) writeFileSync(join(folder, "index.json"), makeIndex(`1.0.${round}`))
			else await sleep(Math.random() * 60)
		}
		const opened = await library.open(folder)
		await poll("the truth", 10, () =>
			JSON.stringify(replay(reader.told)) === JSON.stringify(truth(opened)) ? true : undefined,
		)
		await reader.stop()
	})
})
