import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { Host, OpenFile } from "../../../../core/engine/host.ts"
import {
	CommitFailed,
	createJournal,
	JournalLost,
	openJournal,
	readJournal,
} from "../../../../core/engine/journal/journal.ts"
import type { JournalRecord } from "../../../../core/engine/journal/records.ts"
import { createWorkbench, type Workbench } from "./workbench.ts"

let bench: Workbench
let path: string
beforeEach(() => {
	bench = createWorkbench()
	path = join(bench.folder, "journal.jsonl")
})
afterEach(() => bench.remove())

const open: JournalRecord = {
	type: "run-open",
	run: "r",
	kind: "apply",
	module: { name: "m", version: "1.0.0", digest: "0".repeat(64) },
	pools: ["p"],
	at: "2026-01-01T00:00:00.000Z",
}
const poolOpen: JournalRecord = { type: "pool-open", pool: "p", at: "2026-01-01T00:00:01.000Z" }
const closed: JournalRecord = { type: "pool-closed", pool: "p", outcome: "applied", at: "2026-01-01T00:00:02.000Z" }

/** A host whose open files refuse calls for as long as the test says. */
function faulty(refuse: (call: keyof OpenFile) => boolean): Host {
	const opening = async (...args: Parameters<Host["disk"]["open"]>) => {
		const file = await bench.host.disk.open(...args)
		const guard = (call: keyof OpenFile) => {
			if (refuse(call)) throw Object.assign(new Error("EIO"), { code: "EIO" })
		}
		return {
			...file,
			write: async (bytes: Uint8Array, position: number) => {
				guard("write")
				await file.write(bytes, position)
			},
			sync: async () => {
				guard("sync")
				await file.sync()
			},
		}
	}
	return { ...bench.host, disk: { ...bench.host.disk, open: opening } }
}

test("every prefix of a journal reads as its whole lines", async () => {
	const journal = await createJournal(bench.host, path, open)
	await journal.commit(poolOpen)
	await journal.commit(closed)
	await journal.close()
	const bytes = readFileSync(path)
	const ends = [...bytes.entries()].filter(([, byte]) => byte === 10).map(([index]) => index + 1)
	for (let length = 0; length <= bytes.length; length++) {
		writeFileSync(path, bytes.subarray(0, length))
		const whole = ends.filter((end) => end <= length).length
		expect((await readJournal(bench.host, path))?.length ?? 0).toBe(whole)
	}
})

test("a line whose end is another byte is not whole", async () => {
	const journal = await createJournal(bench.host, path, open)
	await journal.close()
	const bytes = readFileSync(path)
	writeFileSync(path, Buffer.concat([bytes, bytes.subarray(0, -1), Buffer.from("x")]))
	expect(await readJournal(bench.host, path)).toHaveLength(1)
})

test("a line with any byte changed ends what is read", async () => {
	const journal = await createJournal(bench.host, path, open)
	await journal.commit(poolOpen)
	await journal.close()
	const bytes = readFileSync(path)
	const second = bytes.indexOf(10) + 1
	for (let at = second; at < bytes.length; at++) {
		const changed = Buffer.from(bytes)
		changed[at] = (changed[at] ?? 0) ^ 1
		writeFileSync(path, changed)
		expect(await readJournal(bench.host, path)).toHaveLength(1)
	}
})

test("going on after a torn line writes over it", async () => {
	await (await createJournal(bench.host, path, open)).close()
	writeFileSync(path, `${readFileSync(path, "utf8")}0123 {"type":"pool-op`)
	const journal = await openJournal(bench.host, path)
	await journal?.commit(poolOpen)
	await journal?.close()
	expect(await readJournal(bench.host, path)).toEqual([open, poolOpen])
})

test.each(["write", "sync"] as const)(
	"a commit whose %s fails is not in the journal, and the next one is",
	async (call) => {
		let isBroken = false
		const host = faulty((now) => {
			const isNow = isBroken && now === call
			if (isNow) isBroken = false
			return isNow
		})
		const journal = await createJournal(host, path, open)
		isBroken = true
		await expect(journal.commit(poolOpen)).rejects.toThrow(CommitFailed)
		expect(await readJournal(bench.host, path)).toEqual([open])
		await journal.commit(closed)
		expect(await readJournal(bench.host, path)).toEqual([open, closed])
		await journal.close()
	},
)

test("a journal that cannot even be written anew is lost", async () => {
	let isBroken = false
	const journal = await createJournal(
		faulty((call) => isBroken && call === "sync"),
		path,
		open,
	)
	isBroken = true
	await expect(journal.commit(poolOpen)).rejects.toThrow(JournalLost)
	await journal.close()
})
