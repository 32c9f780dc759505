import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, expect, test } from "vitest"
import { createRunRecord } from "../../../../../core/fleet/services/run-record.ts"
import { createState } from "../../../../../core/fleet/services/state-service.ts"
import { openStore } from "../../../../../core/fleet/store/store.ts"
import type { DesktopRun, PoolResult } from "../../../../../core/schema/desktop.ts"
import type { AnyEvent, EventBody } from "../../../../../core/schema/event.ts"
import { makeAppliance, makeRun } from "../make.ts"

const folder = mkdtempSync(join(tmpdir(), "hotfix-record-"))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function openRecord(pools: DesktopRun["pools"] = [], startedAt = "2026-01-01T00:00:00Z") {
	const store = openStore(folder, () => {})
	const state = createState(() => ({ appliances: [], recentModules: [], runs: [], questions: [], notices: [] }))
	const deps = { store, state, owner: "me", log: () => {} }
	return { store, record: createRunRecord(makeRun({ run: "r1", pools, startedAt }), makeAppliance(), deps) }
}

test("what is written and what still waits to be is read as one", () => {
	const { store, record } = openRecord()
	const say = (...seqs: number[]) => {
		for (const seq of seqs) record.append({ seq, time: "", run: "r1", type: "chatter" })
	}
	const read = (after: number, limit = 100) => record.read(after, limit).map(({ seq }) => seq)
	say(1, 2, 3)
	record.write("me")
	expect(read(0)).toEqual([1, 2, 3])
	expect(read(3)).toEqual([])
	say(4, 5, 5, 6)
	expect(read(0)).toEqual([1, 2, 3, 4, 5, 6])
	expect(read(2)).toEqual([3, 4, 5, 6])
	expect(read(3)).toEqual([4, 5, 6])
	expect(read(3, 2)).toEqual([4, 5])
	expect(read(1, 3)).toEqual([2, 3, 4])
	expect(read(5)).toEqual([6])
	expect(read(6)).toEqual([])
	record.write(null)
	expect(read(4)).toEqual([5, 6])
	store.close()
})

test("of a run that is taken up on its way, each pool's end is history, though it is shown already", () => {
	const { store, record } = openRecord([{ pool: "web", outcome: "applied" }])
	const time = "2026-01-01T00:00:00.000Z"
	record.append({ type: "pool-finished", pool: "web", outcome: "applied", seq: 1, time, run: "r1" })
	record.write(null)
	expect(store.history.pools({}).results.map(({ pool }) => pool)).toEqual(["web"])
	store.close()
})

test.each([
	["2070-01-01T00:00:00.000Z", "is not later than now"],
	["1970-01-01T00:00:00.000Z", "is later than what was known before"],
	["at noon", "is written all the same"],
	["2070-01-01T00:00:00.000Z", "is not later than now, nor when another desktop began it", "2070-01-01T00:00:00.000Z"],
])("a pool's end at %s, by the appliance's clock, %s", (time, _, startedAt = "2026-01-01T00:00:00Z") => {
	const { store, record } = openRecord([], startedAt)
	record.append({ type: "pool-finished", pool: "web", outcome: "failed", seq: 1, time, run: "r1" })
	record.write(null)
	const standing = () => store.history.newest({}).map(({ runId }) => runId)
	const add = (id: string, at: number) => {
		store.runs.save(makeRun({ id }), null)
		const result = { ...store.history.pools({}).results[0], runId: id, finishedAt: new Date(at).toISOString() }
		store.runs.savePool(result as PoolResult)
	}
	add("before", Date.parse("2025-12-31T00:00:00Z"))
	expect(standing()).toEqual(["run-1"])
	add("after", Date.now() + 1000)
	expect(standing()).toEqual(["after"])
	store.close()
})

test("a runner whose numbers repeat, go back, leap and end says each thing once, and nothing after its highest", () => {
	const { store, record } = openRecord()
	const say = (seq: number, body: EventBody) =>
		record.append({ ...body, seq, time: "2026-01-01T00:00:00.000Z", run: "another run" } as AnyEvent)
	const finished = (outcome: "applied" | "failed"): EventBody => ({ type: "pool-finished", pool: "web", outcome })
	say(2, finished("failed"))
	say(2, finished("applied"))
	say(1, finished("applied"))
	say(Number.MAX_SAFE_INTEGER, { type: "warning", message: "the last" })
	say(3, { type: "run-finished", outcome: "applied" })
	record.write(null)
	expect(record.read(0, 10).map(({ seq, run }) => [seq, run])).toEqual([
		[2, "r1"],
		[Number.MAX_SAFE_INTEGER, "r1"],
	])
	expect(record.current()).toMatchObject({ state: "running", pools: [{ pool: "web", outcome: "failed" }] })
	store.close()
})

test("a runner that names pools without end, and ends them again and again, fills neither what is shown nor the history", () => {
	const { store, record } = openRecord()
	const module = { name: "hotfix", version: "1.0.0", digest: "0".repeat(64) }
	const pools = Array.from({ length: 600 }, (_, index) => `p${index}`)
	const ends = ["p1", "p599", "other", "p1"].map((pool, index) => {
		const outcome = index === 0 ? "applied" : "failed"
		return { type: "pool-finished" as const, pool, outcome } as const
	})
	const said: EventBody[] = [{ type: "run-started", kind: "apply", module, pools }, ...ends]
	for (const [index, body] of said.entries())
		record.append({ ...body, seq: index + 1, time: "2026-01-01T00:00:00.000Z", run: "r1" } as AnyEvent)
	record.write(null)
	expect(record.current().pools.length).toBe(500)
	// Ended again: the first word counts in the history.
	expect(store.history.pools({}).results.map(({ pool, outcome }) => [pool, outcome])).toEqual([["p1", "applied"]])
	store.close()
})
