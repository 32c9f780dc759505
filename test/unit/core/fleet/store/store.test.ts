import { fork } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import type { HistoryFilter } from "../../../../../core/fleet/services/types.ts"
import { DURATIONS, makeNewest } from "../../../../../core/fleet/store/history-store.ts"
import { openStore, type Store } from "../../../../../core/fleet/store/store.ts"
import type { PoolResult } from "../../../../../core/schema/desktop.ts"
import type { AnyEvent } from "../../../../../core/schema/event.ts"
import { FailureError } from "../../../../../core/schema/failure.ts"
import { MOST_COMPARED } from "../../../../../core/schema/failure-cause.ts"
import type { PoolOutcome } from "../../../../../core/schema/outcome.ts"
import { makeAppliance, makeRun } from "../make.ts"

let folder: string
const opened: Store[] = []
const open = () => {
	const store = openStore(folder, () => {})
	opened.push(store)
	return store
}

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "hotfix-store-"))
})
afterEach(() => {
	for (const store of opened.splice(0)) store.close()
	rmSync(folder, { recursive: true, force: true })
})

const file = () => join(folder, "hotfix.sqlite")

describe("the file", () => {
	test("only its owner may read it, its write-ahead log included", () => {
		open().appliances.save(makeAppliance({ id: "a" }))
		for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777, name).toBe(0o600)
		expect(readdirSync(folder)).toContain("hotfix.sqlite-wal")
	})

	test.each([
		["no database at all", Buffer.from("this is no database, whatever its name says ".repeat(100))],
		["a torn page", undefined],
	])("%s is kept aside and a new one begun", (_name, bytes) => {
		const store = open()
		for (let i = 0; i < 300; i++) store.appliances.save(makeAppliance({ id: `a${i}`, notes: "x".repeat(500) }))
		opened.splice(0)[0]?.close()
		const whole = readFileSync(file())
		const damaged = bytes ?? Buffer.concat([whole.subarray(0, 4096), Buffer.alloc(whole.length - 4096, 0x5a)])
		writeFileSync(file(), damaged)

		const rebuilt = open()
		expect(rebuilt.keptAs).toMatch(/hotfix\.sqlite\.damaged-\d{4}-/)
		expect(readFileSync(rebuilt.keptAs ?? "")).toEqual(damaged)
		expect(rebuilt.appliances.list()).toEqual([])
		rebuilt.appliances.save(makeAppliance({ id: "new" }))
		expect(open().appliances.list()).toHaveLength(1)
		expect(open().keptAs).toBeUndefined()
	})

	test("a newer version's database is refused and left alone", () => {
		open()
		opened.splice(0)[0]?.close()
		const db = new DatabaseSync(file())
		db.exec("PRAGMA user_version = 999")
		db.close()
		expect(codeOf(open)).toBe("database-newer")
		expect(readdirSync(folder).filter((name) => name.includes("damaged"))).toEqual([])
	})

	test("of an older version, whose appliances had sudo or not, is brought to the newest one", () => {
		const store = open()
		for (const id of ["with", "without"]) store.appliances.save(makeAppliance({ id }))
		store.runs.save(makeRun({ id: "run" }), null, makeAppliance({ id: "with" }))
		opened.splice(0)[0]?.close()
		const db = new DatabaseSync(file())
		const older = (column: string, sudo: string) => `json_set(json_remove(${column}, '$.become'), '$.sudo', ${sudo})`
		db.exec(`UPDATE appliances SET body = ${older("body", "json(iif(id = 'with', 'true', 'false'))")}`)
		db.exec(`UPDATE runs SET appliance = ${older("appliance", "json('true')")}`)
		db.exec(
			"DROP TABLE library_folders; DROP TABLE published_versions; DROP INDEX pool_results_by_place; DROP TABLE pool_texts; DROP TABLE pool_text_ids; " +
				"DROP INDEX pool_results_over_time; DROP TABLE settings; ALTER TABLE runs DROP COLUMN room; ALTER TABLE pool_results DROP COLUMN kind; " +
				"ALTER TABLE pool_results DROP COLUMN duration_ms; DROP TABLE rollout_wishes; DROP TABLE rollout_targets; " +
				"DROP TABLE rollouts; ALTER TABLE pool_results DROP COLUMN place; PRAGMA user_version = 1",
		)
		db.close()
		const newer = open()
		expect(newer.appliances.list().map(({ id, become }) => [id, become])).toEqual([
			["with", "sudo"],
			["without", "none"],
		])
		expect(newer.runs.open()).toMatchObject([{ appliance: { become: "sudo" } }])
	})

	test("a folder in its place is said, not called damage", () => {
		mkdirSync(file())
		expect(codeOf(open)).toBe("not-permitted")
	})
})

describe("appliances", () => {
	test("are saved, changed, listed by name and removed with what was known of them", () => {
		const store = open()
		store.appliances.save(makeAppliance({ id: "2", name: "beta" }))
		store.appliances.save(makeAppliance({ id: "1", name: "Alpha" }))
		store.appliances.see("1", { lastSeen: "2026-01-01T00:00:00Z" })
		store.appliances.see("1", { lastFailure: { code: "refused", data: { host: "h" } } })
		expect(store.appliances.list().map(({ name }) => name)).toEqual(["Alpha", "beta"])
		expect(store.appliances.get("1")).toMatchObject({
			lastSeen: "2026-01-01T00:00:00Z",
			lastFailure: { code: "refused" },
		})

		store.appliances.see("1", { lastFailure: undefined })
		expect(store.appliances.get("1")?.lastFailure).toBeUndefined()
		expect(store.appliances.remove("1")).toBe(true)
		expect(store.appliances.remove("1")).toBe(false)
		store.appliances.save(makeAppliance({ id: "1" }))
		expect(store.appliances.get("1")?.lastSeen).toBeUndefined()
	})

	test("what a later version remembers is not understood here, and stays", () => {
		const store = open()
		store.appliances.save(makeAppliance({ id: "1" }))
		store.appliances.see("1", { lastSeen: "2026-01-01T00:00:00Z", past: { later: true } as never })
		expect(store.appliances.get("1")).toMatchObject({ lastSeen: "2026-01-01T00:00:00Z" })
		expect(store.appliances.get("1")?.past).toBeUndefined()
		store.appliances.see("1", { lastSeen: "2026-01-02T00:00:00Z" })
		const db = new DatabaseSync(file())
		expect(JSON.parse(String(db.prepare("SELECT body FROM last_seen").get()?.body))).toEqual({
			...{ lastSeen: "2026-01-02T00:00:00Z", past: { later: true } },
		})
		db.close()
	})

	test("what was seen of one that is not in the fleet is not kept", () => {
		const store = open()
		store.appliances.see("nobody", { lastSeen: "2026-01-01T00:00:00Z" })
		expect(store.appliances.get("nobody")).toBeUndefined()
	})

	test("a row that makes no sense is left out and told; the others count", () => {
		const lines: string[] = []
		open().appliances.save(makeAppliance({ id: "good" }))
		const db = new DatabaseSync(file())
		db.exec(`INSERT INTO appliances VALUES ('bad', '{"id":"bad","port":"no number"}')`)
		db.close()
		const store = openStore(folder, (line) => lines.push(line))
		opened.push(store)
		expect(store.appliances.list().map(({ id }) => id)).toEqual(["good"])
		expect(lines).toHaveLength(1)
	})
})

describe("runs", () => {
	test("a run of another desktop becomes known once, however many programs hear of it", () => {
		const [one, other] = [open(), open()]
		const live = makeRun({ id: "live", run: "r1" })
		expect(one.runs.add({ ...live, run: "r1" }, "1:1", makeAppliance())).toBe(true)
		expect(other.runs.add({ ...live, id: "again", run: "r1" }, "2:2", makeAppliance())).toBe(false)
		expect(other.runs.list(10).map(({ id }) => id)).toEqual(["live"])
		expect(other.runs.find("a1", "r1")?.id).toBe("live")
	})

	test("a run that could not be written takes the place of what came from the appliance's history meanwhile", () => {
		const store = open()
		store.runs.save(makeRun({ id: "synced", run: "r1", state: "finished", outcome: "applied" }), null)
		store.runs.savePool(makeResult({ runId: "synced" }))
		store.runs.save(makeRun({ id: "live", run: "r1" }), "1:1")
		expect(store.runs.list(10).map(({ id }) => id)).toEqual(["live"])
		expect(store.history.pools({}).total).toBe(0)
	})

	test("the same run id on another appliance is another run", () => {
		const store = open()
		store.runs.save(makeRun({ id: "1", run: "r1" }), null)
		store.runs.save(makeRun({ id: "2", run: "r1", applianceId: "a2" }), null)
		expect(store.runs.list(10)).toHaveLength(2)
	})

	test("a run is claimed by one program only", () => {
		const store = open()
		store.runs.save(makeRun({ id: "1" }), "77:1")
		expect(store.runs.claim("1", "77:1", "me")).toBe(true)
		expect(open().runs.claim("1", "77:1", "you")).toBe(false)
	})

	test("all that have not ended are listed, and the newest ended ones", () => {
		const store = open()
		for (let i = 0; i < 9; i++)
			store.runs.save(makeRun({ id: `e${i}`, state: "finished", startedAt: `2026-01-0${i + 1}T00:00:00Z` }), null)
		store.runs.save(makeRun({ id: "open", state: "lost", startedAt: "2025-01-01T00:00:00Z" }), null)
		expect(store.runs.list(3).map(({ id }) => id)).toEqual(["e8", "e7", "e6", "open"])
	})

	test("events are read in pages, the same one twice is one", () => {
		const store = open()
		store.runs.save(makeRun({ id: "1", run: "r1" }), null)
		const event = (seq: number) => ({ seq, time: "2026-01-01T00:00:00Z", run: "r1", type: "heartbeat" })
		store.events.append("1", [1, 2, 3, 4, 5].map(event))
		store.events.append("1", [4, 5, 6].map(event))
		expect(store.events.read("1", 2, 3).map(({ seq }) => seq)).toEqual([3, 4, 5])
		expect(store.events.lastSeq("1")).toBe(6)
		expect(store.events.read("1", 5, 10)).toEqual([event(6)])
	})
})

test("failures of a filter: what failed or is degraded, newest first", () => {
	const store = open()
	store.runs.save(makeRun({ id: "1" }), null)
	const outcomes: PoolOutcome[] = ["applied", "failed", "unchanged", "degraded", "failed"]
	outcomes.forEach((outcome, index) => {
		const pool = `p${index}`
		store.runs.savePool(makeResult({ runId: "1", pool, outcome, finishedAt: `2026-01-01T00:00:0${index}Z` }))
	})
	expect(store.history.failures({}).map(({ pool }) => pool)).toEqual(["p4", "p3", "p1"])
	expect(store.history.failures({ pool: "p3" }).map(({ pool }) => pool)).toEqual(["p3"])
	expect(store.history.failures({ applianceId: "another" })).toEqual([])
	store.runs.save(makeRun({ id: "2" }), null)
	store.runs.savePool(makeResult({ runId: "2", pool: "late", outcome: "degraded", finishedAt: "2026-01-01T00:00:02Z" }))
	expect(store.history.failures({}).map(({ pool }) => pool)).toEqual(["p4", "p3", "late", "p1"])
	expect(store.history.failures({ outcome: "degraded" }).map(({ pool }) => pool)).toEqual(["p3", "late"])
})

test("as many failures are told as are said to be compared", () => {
	const store = open()
	store.inTransaction(() => {
		store.runs.save(makeRun({ id: "1" }), null)
		for (let index = 0; index <= MOST_COMPARED; index++)
			store.runs.savePool(makeResult({ runId: "1", pool: `p${index}`, outcome: "failed" }))
	})
	expect(store.history.failures({})).toHaveLength(MOST_COMPARED)
})

test("where pools stand: the newest result of each pool on each appliance", () => {
	const store = open()
	const add = (run: string, change: Partial<PoolResult>) => {
		store.runs.save(makeRun({ id: run }), null)
		store.runs.savePool(makeResult({ runId: run, pool: "web", ...change }))
	}
	add("1", { finishedAt: "2026-01-03T00:00:00Z", outcome: "applied" })
	add("2", { finishedAt: "2026-01-01T00:00:00Z", outcome: "failed" })
	add("3", { finishedAt: "2026-01-02T00:00:00Z", applianceId: "a2", outcome: "degraded" })
	add("4", { finishedAt: "2026-01-01T00:00:00Z", moduleName: "other", outcome: "failed" })
	add("5", { finishedAt: "2026-01-09T00:00:00Z", kind: "rehearse", outcome: "failed" })
	// A run that left the pool out says nothing of where it stands, unless there was no other.
	add("6", { finishedAt: "2026-01-09T00:00:00Z", outcome: "skipped" })
	add("7", { finishedAt: "2026-01-09T00:00:00Z", applianceId: "a3", outcome: "skipped" })
	const newest = (filter: HistoryFilter) =>
		store.history
			.newest(filter)
			.map(({ runId }) => runId)
			.sort()
	expect(newest({})).toEqual(["1", "3", "4", "7"])
	expect(newest({ outcome: "failed" })).toEqual(["4"])
	expect(newest({ moduleName: "other" })).toEqual(["4"])
	expect(newest({ moduleName: "other", outcome: "applied" })).toEqual([])
	expect(newest({ applianceId: "a2", pool: "web" })).toEqual(["3"])
	expect(newest({ pool: "another" })).toEqual([])
})

test("of an older version: a result counts by its clock, but not as made later than now", () => {
	const store = open()
	for (const [run, finishedAt] of [
		["ahead", "2070-01-02T00:00:00Z"],
		["at once", "2070-01-02T00:00:00Z"],
		["before it", "2070-01-01T00:00:00Z"],
		["odd", "then"],
		["was", "2026-01-01T00:00:00Z"],
	] as const) {
		store.runs.save(makeRun({ id: run }), null)
		store.runs.savePool(makeResult({ runId: run, finishedAt, applianceId: run === "odd" ? "a2" : "a1" }))
	}
	opened.splice(0)[0]?.close()
	const db = new DatabaseSync(file())
	db.exec("DROP INDEX pool_results_by_place; ALTER TABLE pool_results DROP COLUMN place")
	db.exec("CREATE INDEX pool_results_by_place ON pool_results (appliance_id); PRAGMA user_version = 6")
	db.close()
	const newer = open()
	const standing = () => newer.history.newest({}).map(({ runId }) => runId)
	expect(standing()).toEqual(["at once", "odd"])
	expect(newer.runs.highestPlace("a1")).toBeLessThan(Date.now())
	newer.runs.save(makeRun({ id: "next" }), null)
	newer.runs.savePool(makeResult({ runId: "next", finishedAt: new Date(Date.now() + 1000).toISOString() }))
	expect(standing()).toEqual(["next", "odd"])
})

test("where pools stand is told by an index alone", () => {
	open()
	const db = new DatabaseSync(file())
	const plan = db.prepare(`EXPLAIN QUERY PLAN ${makeNewest("WHERE kind <> 'rehearse'", "")}`).all(9)
	db.close()
	expect(plan.map(({ detail }) => String(detail)).join("; ")).toMatch(
		/SCAN pool_results USING COVERING INDEX pool_results_by_place/,
	)
	expect(plan.map(({ detail }) => String(detail)).join("; ")).not.toMatch(/TEMP B-TREE/)
})

describe("a search in what pools said", () => {
	const output = (seq: number, pool: string, text: string): AnyEvent => ({
		seq,
		time: "2026-01-01T00:00:00Z",
		run: "r",
		type: "command-output",
		pool,
		phase: "closure",
		index: 0,
		stream: "stdout",
		text,
	})
	const found = (store: Store, text: string) =>
		store.history
			.pools({ text })
			.results.map(({ pool }) => pool)
			.sort()

	function arrange() {
		const store = open()
		store.runs.save(makeRun({ id: "1", run: "r" }), null)
		store.events.append("1", [
			{ seq: 0, time: "2026-01-01T00:00:00Z", run: "r", type: "pool-started", pool: "web" },
			output(1, "web", "Starting gunicorn.service ...\nSyntaxError: unexpected token"),
			output(2, "web", " 'banner' at 10.0.0.7\n"),
			output(3, "cron", "all is well\n"),
		])
		store.runs.savePool(makeResult({ runId: "1", pool: "web" }))
		store.runs.savePool(makeResult({ runId: "1", pool: "cron" }))
		const reason = {
			phase: "closure" as const,
			message: "a command failed",
			command: "nginx -t",
			output: "emerg: no port",
		}
		store.runs.savePool(makeResult({ runId: "1", pool: "proxy", outcome: "failed", reason }))
		return store
	}

	test.each([
		["syntaxerror", ["web"]],
		["token banner", ["web"]],
		["gunicorn.service", ["web"]],
		["service", ["web"]],
		["synt", ["web"]],
		["synt token", []],
		["10.0.0.7", ["web"]],
		["nginx", ["proxy"]],
		["emerg: port", ["proxy"]],
		["banner well", []],
		[`" OR 1 NEAR( * ^`, []],
		["pool:web -x AND", []],
		["--", []],
		["  ", ["cron", "proxy", "web"]],
		["a\0banner", []],
		["token\0banner", ["web"]],
	])("%s", (text, pools) => expect(found(arrange(), text)).toEqual(pools))

	test("together with the other filters", () => {
		const store = arrange()
		expect(store.history.pools({ text: "command", outcome: "failed" }).total).toBe(1)
		expect(store.history.pools({ text: "command", outcome: "applied" }).total).toBe(0)
		expect(store.history.failures({ text: "nginx" })).toHaveLength(1)
		expect(store.history.newest({ text: "nginx" })).toHaveLength(1)
		const { moduleName } = makeResult({})
		expect(store.history.newest({ text: "nginx", moduleName, pool: "proxy" })).toHaveLength(1)
		expect(store.history.pools({ text: "nginx", moduleName: "another" }).total).toBe(0)
	})

	test("what is written again is found by its new words; what is gone is not found", () => {
		const store = arrange()
		const reason = { phase: "closure" as const, message: "another reason" }
		store.runs.savePool(makeResult({ runId: "1", pool: "proxy", reason }))
		expect([found(store, "nginx"), found(store, "another")]).toEqual([[], ["proxy"]])
		store.runs.save(makeRun({ id: "2", run: "r" }), null)
		expect(found(store, "gunicorn")).toEqual([])
	})

	test("the last words of much output", () => {
		const store = open()
		store.runs.save(makeRun({ id: "1", run: "r" }), null)
		const much = Array.from({ length: 100 }, (_, index) =>
			output(index + 1, "web", `begin${index} ${"x ".repeat(4000)}`),
		)
		store.events.append("1", [...much, output(101, "web", "finally")])
		store.runs.savePool(makeResult({ runId: "1", pool: "web" }))
		expect([found(store, "finally"), found(store, "begin99"), found(store, "begin10")]).toEqual([["web"], ["web"], []])
	})

	test("a runner that never says where a pool began does not have all of its output gone through for each", () => {
		const store = open()
		store.runs.save(makeRun({ id: "1", run: "r" }), null)
		const noise = Array.from({ length: 9 }, (_, index) => output(index + 2, "other", "x".repeat(1 << 20)))
		store.events.append("1", [output(1, "web", "buried"), ...noise.slice(0, 5)])
		store.runs.savePool(makeResult({ runId: "1", pool: "web" }))
		expect(found(store, "buried")).toEqual(["web"])
		store.events.append("1", noise.slice(5))
		store.runs.savePool(makeResult({ runId: "1", pool: "web" }))
		expect(found(store, "buried")).toEqual([])
	})
})

describe("per-pool history", () => {
	const rows: [pool: string, appliance: string, module: string, outcome: PoolOutcome][] = [
		["web", "a1", "hotfix", "applied"],
		["web", "a2", "hotfix", "failed"],
		["backend", "a1", "hotfix", "applied"],
		["web", "a1", "other", "degraded"],
		["backend", "a2", "other", "failed"],
	]
	test.each([
		[{}, 5, [4, 3, 2, 1, 0]],
		[{ pool: "web" }, 3, [3, 1, 0]],
		[{ applianceId: "a1" }, 3, [3, 2, 0]],
		[{ moduleName: "other" }, 2, [4, 3]],
		[{ outcome: "failed" as const }, 2, [4, 1]],
		[{ pool: "web", applianceId: "a1", moduleName: "hotfix", outcome: "applied" as const }, 1, [0]],
		[{ pool: "web", limit: 1 }, 3, [3]],
		[{ pool: "x' OR 1=1 --" }, 0, []],
	])("%j: %i in all", (filter, total, expected) => {
		const store = open()
		for (const [i, [pool, applianceId, moduleName, outcome]] of rows.entries()) {
			store.runs.save(makeRun({ id: `r${i}`, applianceId }), null)
			const finishedAt = `2026-01-0${i + 1}T00:00:00Z`
			store.runs.savePool(makeResult({ runId: `r${i}`, pool, applianceId, moduleName, outcome, finishedAt }))
		}
		const found = store.history.pools(filter)
		expect(found.total).toBe(total)
		expect(found.results.map(({ runId }) => runId)).toEqual(expected.map((i) => `r${i}`))
	})

	test("of the runs that are named; a name that is none, or that is SQL, is of no run", () => {
		const store = open()
		for (const id of ["r1", "r2", "r3"]) {
			store.runs.save(makeRun({ id }), null)
			for (const pool of ["web", "backend"]) store.runs.savePool(makeResult({ runId: id, pool }))
		}
		const found = store.history.ofRuns(["r1", "r3", "gone", "') OR 1=1 --"])
		expect(found.map(({ runId, pool }) => `${runId} ${pool}`).sort()).toEqual([
			...["r1 backend", "r1 web", "r3 backend", "r3 web"],
		])
		expect(store.history.ofRuns([])).toEqual([])
	})

	test("over time: what applied pools came to, day by day, and nothing of rehearsals and reverts", () => {
		const store = open()
		const add = (id: string, day: string, change: Parameters<typeof makeResult>[0]) => {
			store.runs.save(makeRun({ id }), null)
			store.runs.savePool(makeResult({ runId: id, finishedAt: `2026-01-${day}T10:00:00Z`, ...change }))
		}
		add("1", "01", { durationMs: 100 })
		add("2", "01", { durationMs: 300, outcome: "failed" })
		add("3", "05", { pool: "db", outcome: "degraded", durationMs: 7 })
		add("4", "05", { outcome: "unchanged", durationMs: 9 })
		add("5", "05", { kind: "rehearse" })
		add("6", "05", { kind: "revert" })
		const empty = { applied: 0, failed: 0, degraded: 0 }
		expect(store.history.course({})).toEqual({
			unit: "day",
			buckets: [
				{ start: "2026-01-01", applied: 1, failed: 1, degraded: 0, meanMs: 200 },
				...["02", "03", "04"].map((day) => ({ start: `2026-01-${day}`, ...empty })),
				{ start: "2026-01-05", ...empty, degraded: 1, meanMs: 7 },
			],
		})
		expect(store.history.course({ pool: "db" }).buckets).toMatchObject([{ start: "2026-01-05T10", degraded: 1 }])
		expect(store.history.course({ pool: "none" }).buckets).toEqual([])
		// What is written again counts as it is now.
		store.runs.savePool(makeResult({ runId: "1", finishedAt: "2026-01-01T10:00:00Z", durationMs: 500 }))
		expect(store.history.course({}).buckets[0]?.meanMs).toBe(400)
	})

	test("every filter is answered by an index", () => {
		open()
		const db = new DatabaseSync(file())
		for (const column of ["pool", "appliance_id", "module_name", "outcome"]) {
			const plan = db
				.prepare(
					`EXPLAIN QUERY PLAN SELECT body FROM pool_results WHERE ${column} = ? ORDER BY finished_at DESC, rowid DESC LIMIT 9`,
				)
				.all("x")
				.map((row) => String(row.detail))
				.join("; ")
			expect(plan).toMatch(/USING INDEX/)
			expect(plan).not.toMatch(/SCAN pool_results|TEMP B-TREE/)
		}
		db.close()
	})

	test("how long pools took: the module's own, applied and no rehearsal, newest first, by its index", () => {
		const store = open()
		const kept = [
			"applied apply fix",
			"failed apply fix",
			"applied rehearse fix",
			"applied apply other",
			"applied apply fix",
		]
		for (const [i, row] of kept.entries()) {
			const [outcome, kind, moduleName] = row.split(" ") as ["applied", "apply", string]
			store.runs.save(makeRun({ id: `r${i}` }), null)
			const finishedAt = `2026-01-0${i + 1}T00:00:00Z`
			store.runs.savePool(makeResult({ runId: `r${i}`, outcome, kind, moduleName, finishedAt, durationMs: i }))
		}
		expect(store.history.durations("fix")).toEqual([
			{ run: "r4", applianceId: "a1", pool: "web", durationMs: 4 },
			{ run: "r0", applianceId: "a1", pool: "web", durationMs: 0 },
		])
		const db = new DatabaseSync(file())
		const plan = db.prepare(`EXPLAIN QUERY PLAN ${DURATIONS}`).all("x")
		expect(plan.map(({ detail }) => detail)).toEqual([
			"SEARCH pool_results USING INDEX pool_results_by_module (module_name=?)",
		])
		db.close()
	})
})

describe("what is kept", () => {
	const DAY = 86_400_000
	const now = Date.parse("2026-06-01T00:00:00Z")
	const text = "x".repeat(100_000)
	/** A run so many days ago, with 100 KB of output. */
	function add(store: Store, id: string, days: number, change: Parameters<typeof makeResult>[0] = {}) {
		const at = new Date(now - days * DAY).toISOString()
		store.runs.save(makeRun({ id, run: id, state: "finished", startedAt: at }), null)
		store.events.append(id, [{ seq: 1, time: at, run: id, type: "note", text }])
		store.runs.savePool(makeResult({ runId: id, finishedAt: at, ...change }))
	}
	const keep = { outputDays: 365, outputMegabytes: 2000, runs: 50_000 }
	const runsOf = (store: Store) => store.history.pools({}).results.map(({ runId }) => runId)
	const saying = (store: Store, ...ids: string[]) => ids.filter((id) => store.events.count(id) > 0)

	test("at first much: nothing of this is cleared away", () => {
		const store = open()
		for (const days of [1, 100, 300]) add(store, `d${days}`, days)
		store.retention.prune(now)
		expect([store.retention.get(), saying(store, "d1", "d100", "d300").length]).toEqual([keep, 3])
		expect(store.retention.room()).toMatchObject({ runs: 3, outputBytes: expect.any(Number) })
		expect(store.retention.room().outputBytes).toBeGreaterThan(300_000)
	})

	test("output that is too old, and its room is counted no more; the results stay", () => {
		const store = open()
		for (const days of [1, 20, 40]) add(store, `d${days}`, days)
		store.retention.set({ ...keep, outputDays: 30 })
		store.retention.prune(now)
		expect(saying(store, "d1", "d20", "d40")).toEqual(["d1", "d20"])
		expect(runsOf(store)).toEqual(["d1", "d20", "d40"])
		expect(store.retention.room().outputBytes).toBeLessThan(201_000)
	})

	test("output that is cleared away is found no more; why a pool failed is", () => {
		const store = open()
		const at = new Date(now - 40 * DAY).toISOString()
		const inPool = { seq: 1, time: at, run: "old", pool: "web" }
		store.runs.save(makeRun({ id: "old", run: "old", state: "finished", startedAt: at }), null)
		const said = { ...inPool, type: "command-output", phase: "closure", index: 0, stream: "stdout", text: "kumquat\n" }
		store.events.append("old", [said])
		const reason = { phase: "closure" as const, message: "the closure failed", output: "persimmon" }
		store.runs.savePool(makeResult({ runId: "old", outcome: "failed", reason, finishedAt: at }))
		add(store, "new", 1)
		const found = (words: string) => store.history.pools({ text: words }).total
		expect([found("kumquat"), found("persimmon")]).toEqual([1, 1])
		store.retention.set({ ...keep, outputDays: 30 })
		store.retention.prune(now)
		expect([found("kumquat"), found("persimmon")]).toEqual([0, 1])
	})

	test("output beyond so many megabytes, the oldest first", () => {
		const store = open()
		for (let days = 1; days <= 12; days++) add(store, `d${days}`, days)
		store.retention.set({ ...keep, outputMegabytes: 1 })
		store.retention.prune(now)
		expect(saying(store, "d9", "d10", "d11", "d12")).toEqual(["d9"])
	})

	test("runs beyond so many; never the newest of a pool on an appliance, a degraded one, or one that goes on", () => {
		const store = open()
		for (const days of [1, 2, 3]) add(store, `d${days}`, days)
		add(store, "degraded", 50, { outcome: "degraded" })
		add(store, "elsewhere", 60, { applianceId: "a2" })
		add(store, "elsewhere-before", 70, { applianceId: "a2" })
		store.runs.save(makeRun({ id: "going-on", startedAt: "2020-01-01T00:00:00Z" }), null)
		store.retention.set({ outputDays: 1, outputMegabytes: 1, runs: 1 })
		store.retention.prune(now)
		expect(runsOf(store)).toEqual(["d1", "degraded", "elsewhere"])
		expect(saying(store, "d1", "degraded", "elsewhere")).toEqual(["d1", "degraded", "elsewhere"])
		expect(store.runs.get("going-on")).toBeDefined()
	})

	describe("of one appliance 64 MiB", () => {
		const message = "x".repeat(20 << 20)
		type Told = Pick<Partial<PoolResult>, "applianceId" | "pool" | "outcome"> & { startedAt?: string }
		/** A run so many days ago, with 20 MiB of reasons. */
		function tell(store: Store, id: string, days: number, change: Told = {}) {
			const at = new Date(now - days * DAY).toISOString()
			const { applianceId = "a1", pool = "web", outcome = "applied", startedAt = at } = change
			saveRun(store, id, pool, { applianceId, startedAt })
			store.runs.savePool(makeResult({ runId: id, applianceId, pool, outcome, finishedAt: at }))
		}
		function saveRun(store: Store, id: string, pool: string, change: { applianceId?: string; startedAt: string }) {
			const pools = [{ pool, outcome: "failed" as const, reason: { phase: "closure" as const, message } }]
			store.runs.save(makeRun({ id, run: id, state: "finished", pools, ...change }), null)
		}

		test("the newest, whatever it names", () => {
			const store = open()
			for (const days of [1, 2, 3, 4, 5]) tell(store, `d${days}`, days, { pool: `d${days}`, outcome: "degraded" })
			tell(store, "other", 9, { applianceId: "a2", pool: "other", outcome: "degraded" })
			for (const id of ["a1", "a2"]) store.retention.pruneShare(id)
			expect(runsOf(store)).toEqual(["d1", "d2", "d3", "other"])
		})

		test("what is needed before what is newer: a degraded one, and where another pool stands", () => {
			const store = open()
			for (const days of [1, 2, 3, 4]) tell(store, `d${days}`, days)
			tell(store, "degraded", 50, { pool: "rare", outcome: "degraded" })
			tell(store, "mended", 40, { pool: "rare" })
			store.retention.pruneShare("a1")
			expect(runsOf(store)).toEqual(["d1", "mended", "degraded"])
		})

		test("the newest by when they count as made: a clock that was ahead keeps nothing, one that was behind loses nothing", () => {
			const store = open()
			tell(store, "d1", 1)
			tell(store, "behind", 2, { startedAt: "1970-01-01T00:00:00Z" })
			for (const days of [3, 4]) tell(store, `d${days}`, days)
			tell(store, "ahead", 40, { startedAt: "2070-01-01T00:00:00Z" })
			store.retention.pruneShare("a1")
			expect(runsOf(store)).toEqual(["d1", "behind", "d3"])
		})

		test("the newest by when they began, where there are no results", () => {
			const store = open()
			for (const days of [1, 2, 3, 4])
				saveRun(store, `d${days}`, "web", { startedAt: `2026-01-0${9 - days}T00:00:00Z` })
			store.retention.pruneShare("a1")
			expect(store.runs.list(9).map(({ id }) => id)).toEqual(["d1", "d2", "d3"])
		})
	})

	test("who brought a pool to where it stands stays, whatever only looked at it since; a rehearsal moves nothing", () => {
		const store = open()
		add(store, "before", 40)
		add(store, "applied", 30)
		add(store, "again", 20, { outcome: "unchanged" })
		add(store, "rehearsed", 10, { kind: "rehearse", outcome: "failed" })
		expect(store.history.newest({}).map(({ runId }) => runId)).toEqual(["again"])
		store.retention.set({ ...keep, runs: 1 })
		store.retention.prune(now)
		expect(runsOf(store)).toEqual(["rehearsed", "applied"])
	})

	test("what a clock that was ahead called the newest goes, where it is not", () => {
		const store = open()
		add(store, "ahead", 40)
		store.runs.savePool(makeResult({ runId: "ahead", finishedAt: "2070-01-01T00:00:00Z" }), now - 40 * DAY)
		add(store, "applied", 30)
		add(store, "rehearsed", 10, { kind: "rehearse" })
		store.retention.set({ ...keep, runs: 1 })
		store.retention.prune(now)
		expect(runsOf(store)).toEqual(["rehearsed", "applied"])
	})

	test("what was chosen is there again when the program starts, and holds then", () => {
		const store = open()
		add(store, "old", 5000)
		add(store, "new", 4900)
		store.retention.set({ ...keep, runs: 1 })
		opened.splice(0)[0]?.close()
		const again = open()
		expect([again.retention.get().runs, runsOf(again)]).toEqual([1, ["new"]])
	})

	test("the same event twice takes room once", () => {
		const store = open()
		add(store, "one", 1)
		const before = store.retention.room().outputBytes
		store.events.append("one", [{ seq: 1, time: "2026-01-01T00:00:00Z", run: "one", type: "note", text }])
		expect(store.retention.room().outputBytes).toBe(before)
	})
})

test("programs that open one new data folder at once, and write at once, lose nothing", async () => {
	const writers = [1, 2, 3, 4].map((n) =>
		fork(new URL("./writer.ts", import.meta.url), [folder, String(n)], { execArgv: [] }),
	)
	const codes = await Promise.all(writers.map(async (child) => (await once(child, "exit"))[0]))
	expect(codes).toEqual([0, 0, 0, 0])
	const store = open()
	expect(store.keptAs).toBeUndefined()
	expect(store.appliances.list()).toHaveLength(4 * 50)
	expect(store.runs.list(1000)).toHaveLength(4 * 50)
	for (const n of [1, 2, 3, 4]) expect(store.events.count(`run-${n}-0`)).toBe(20)
}, 180_000)

function makeResult(change: Partial<Parameters<Store["runs"]["savePool"]>[0]>) {
	return {
		runId: "r",
		pool: "web",
		applianceId: "a1",
		applianceName: "Alpha",
		moduleName: "hotfix",
		moduleVersion: "1.0.0",
		kind: "apply" as const,
		outcome: "applied" as const,
		finishedAt: "2026-01-01T00:00:00Z",
		durationMs: 5,
		...change,
	}
}

function codeOf(work: () => unknown): string | undefined {
	try {
		work()
	} catch (error) {
		return error instanceof FailureError ? error.failure.code : String(error)
	}
	return undefined
}
