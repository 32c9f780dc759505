import { existsSync, statSync } from "node:fs"
import { afterEach, beforeEach, expect, test } from "vitest"
import { createReserve, lengthen } from "../../../../core/engine/disk/reserve.ts"
import type { Host, OpenFile } from "../../../../core/engine/host.ts"
import { CommitFailed, createJournal, readJournal } from "../../../../core/engine/journal/journal.ts"
import type { JournalRecord } from "../../../../core/engine/journal/records.ts"
import { recoverRuns } from "../../../../core/engine/recover.ts"
import type { RunEvent } from "../../../../core/schema/event.ts"
import { createWorkbench, type Workbench } from "./workbench.ts"

let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
	bench.write("file", "old", 0o640)
})
afterEach(() => bench.remove())

const noRoom = (path: string) => Object.assign(new Error(`ENOSPC: ${path}`), { code: "ENOSPC" })

/** A host on which some writes find no room; a write is told by its path and by where it goes. */
function fullHost(isFull: (path: string, position: number) => boolean): Host {
	const { host } = bench
	const open = async (...args: Parameters<Host["disk"]["open"]>): Promise<OpenFile> => {
		const file = await host.disk.open(...args)
		const write = async (bytes: Uint8Array, position: number) => {
			if (isFull(args[0], position)) throw noRoom(args[0])
			await file.write(bytes, position)
		}
		return { ...file, write }
	}
	return { ...host, disk: { ...host.disk, open } }
}

test("room is kept, given back piece by piece, and never below what shall stay", async () => {
	const reserve = createReserve(bench.host, bench.folder)
	const size = () => statSync(`${bench.folder}/reserve`).size
	expect(await reserve.give(1000)).toBe(false)
	await reserve.keep(3_000_000)
	await reserve.keep(1000)
	expect([size(), statSync(`${bench.folder}/reserve`).blocks * 512]).toEqual([3_000_000, expect.closeTo(3_000_000, -4)])
	expect([await reserve.give(1_000_000), size()]).toEqual([true, 2_000_000])
	expect([await reserve.give(9_000_000, 500_000), size()]).toEqual([true, 500_000])
	expect([await reserve.give(1, 500_000), size()]).toEqual([false, 500_000])
	await reserve.keep(600_000)
	expect(size()).toBe(600_000)
	await reserve.remove()
	await reserve.remove()
	expect(existsSync(`${bench.folder}/reserve`)).toBe(false)
})

test("room that is not there is said; what could be had of it stays for the journal", async () => {
	const host = fullHost((path, position) => path.endsWith("/reserve") && position >= 2 << 20)
	const reserve = createReserve(host, bench.folder)
	await expect(reserve.keep(4 << 20)).rejects.toThrow(
		/^cannot keep room for the way back: no space is left on the disk$/,
	)
	expect(statSync(`${bench.folder}/reserve`).size).toBe(2 << 20)
})

test("a file that cannot be made longer is as it was", async () => {
	bench.write("large", "x".repeat(100))
	const file = await fullHost((_, position) => position >= 1 << 20).disk.open(bench.path("large"), "write")
	await expect(lengthen(file, 100, 3 << 20)).rejects.toMatchObject({ code: "ENOSPC" })
	await file.close()
	expect(bench.read("large")).toBe("x".repeat(100))
})

const open: JournalRecord = {
	type: "run-open",
	run: "r",
	kind: "apply",
	module: { name: "m", version: "1.0.0", digest: "0".repeat(64) },
	pools: ["p"],
	at: "2026-01-01T00:00:00.000Z",
}
const record: JournalRecord = { type: "pool-open", pool: "p", at: "2026-01-01T00:00:01.000Z" }

test.each([
	["committed", 1],
	["noted", 1],
	["committed", 3],
])("on a full disk a record is %s with room of the reserve, %i times", async (how, times) => {
	const path = `${bench.folder}/journal.jsonl`
	const reserve = createReserve(bench.host, bench.folder)
	await reserve.keep(1 << 20)
	let isFull = false
	const host = fullHost((now) => now === path && isFull && statSync(`${bench.folder}/reserve`).size > left())
	let given = 0
	const left = () => (1 << 20) - (given + 1) * (128 << 10)
	const journal = await createJournal(host, path, open)
	isFull = true
	for (; given < times; given++) await (how === "committed" ? journal.commit(record) : journal.note(record))
	await journal.close()
	expect(await readJournal(bench.host, path)).toEqual([open, ...Array.from({ length: times }, () => record)])
})

test("without a reserve a commit on a full disk has failed, and the journal is whole", async () => {
	const path = `${bench.folder}/journal.jsonl`
	let isFull = false
	const journal = await createJournal(
		fullHost(() => isFull),
		path,
		open,
	)
	isFull = true
	await expect(journal.commit(record)).rejects.toThrow(CommitFailed)
	await journal.note(record)
	await journal.close()
	expect(await readJournal(bench.host, path)).toEqual([open])
})

test("a journal that takes nothing any more: nobody says that nothing was touched", async () => {
	const before = bench.tree()
	let isFull = false
	bench.host = fullHost((path) => isFull && path.endsWith("/journal.jsonl"))
	const onEvent = ({ type }: RunEvent) => {
		isFull ||= type === "command-started"
	}
	const running = bench.apply(
		{ pools: [{ id: "p", files: { file: "new" }, closure: ["sleep 0.1"] }] },
		{},
		{ run: "lost", onEvent },
	)
	const failure = {
		code: "runner-failed",
		data: { reason: "cannot write the run's journal: no space is left on the disk" },
	}
	await expect(running).rejects.toMatchObject({ failure })
	await expect(recoverRuns(bench.host, bench.options)).rejects.toMatchObject({ failure })
	isFull = false
	expect(await recoverRuns(bench.host, bench.options)).toEqual([{ run: "lost", outcome: "failed" }])
	expect(bench.tree()).toEqual(before)
})
