import { existsSync, mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { OpenFile } from "../../../../core/engine/host.ts"
import { makeLayout } from "../../../../core/engine/layout.ts"
import { readHolder, takeLock } from "../../../../core/engine/lock/lock.ts"
import { recoverRuns } from "../../../../core/engine/recover.ts"
import { revertPool } from "../../../../core/engine/revert.ts"
import { createWorkbench, type TestModule, type Workbench } from "./workbench.ts"

let bench: Workbench
/** What was asked of boot recovery, each with what was true at that moment. */
let asked: string[]
/** Why arming and disarming fail, where they do. */
let fault: string | undefined
/** From then on this disk fails whenever a path says so. */
let broken: ((path: string) => boolean) | undefined

beforeEach(() => {
	bench = createWorkbench()
	asked = []
	fault = undefined
	broken = undefined
	const { disk } = bench.host
	const fail = (path: string) => {
		if (broken?.(path)) throw Object.assign(new Error("EIO"), { code: "EIO" })
	}
	bench.host = {
		...bench.host,
		disk: {
			...disk,
			open: async (path, how, mode) => {
				fail(path)
				return failing(await disk.open(path, how, mode), () => fail(path))
			},
		},
		bootRecovery: { arm: (place) => note("arm", place), disarm: (place) => note("disarm", place) },
	}
	bench.write("file", "old")
})
afterEach(() => bench.remove())

function failing(file: OpenFile, fail: () => void): OpenFile {
	const failingCall =
		<Args extends unknown[], T>(call: (...args: Args) => Promise<T>) =>
		async (...args: Args) => {
			fail()
			return call(...args)
		}
	return { ...file, write: failingCall(file.write), sync: failingCall(file.sync), truncate: failingCall(file.truncate) }
}

async function note(what: string, place: { stateFolder: string; logFile?: string }): Promise<string | undefined> {
	expect(place).toMatchObject({ stateFolder: bench.options.stateFolder, logFile: bench.options.logFile })
	const layout = makeLayout(bench.options.stateFolder)
	const holder = await readHolder(bench.host, layout)
	expect(holder, "only whoever holds the lock may arm and disarm").toBeDefined()
	const journal = layout.run("r").journal
	const records = existsSync(journal) ? (readFileSync(journal, "utf8").match(/"type":"run-\w+"/g) ?? []) : []
	asked.push([what, ...records.map((record) => record.slice(8, -1))].join(" "))
	return fault
}

const simple: TestModule = { pools: [{ id: "p", files: { file: "new" } }] }
const apply = (module = simple) => bench.apply(module, {}, { run: "r" })

test("armed before a run begins, disarmed when it is closed, both under the lock", async () => {
	expect((await apply()).outcomes).toEqual({ p: "applied" })
	expect(asked).toEqual(["arm", "disarm run-open run-closed"])
})

test("a revert too", async () => {
	await bench.apply(simple, {}, { run: "first" })
	asked = []
	const request = { pool: "p", original: false, force: false }
	expect(await revertPool(bench.host, bench.options, request, { run: "r" })).toMatchObject({ outcome: "applied" })
	expect(asked).toEqual(["arm", "disarm run-open run-closed"])
})

test("what cannot be armed is told, after the run's first event, and the run goes on", async () => {
	fault = "cannot write x: the file system is read-only"
	const { events, outcomes } = await apply()
	expect(outcomes).toEqual({ p: "applied" })
	expect(events[0]?.type).toBe("run-started")
	expect(events[1]).toMatchObject({ type: "warning", message: expect.stringContaining(fault) })
	expect(readFileSync(bench.options.logFile ?? "", "utf8")).toMatch(/\[WARNING\].*could not be taken away.*read-only/)
})

/** Where the disk breaks, from the pool's first write on, and what is left to do at the next boot. */
const breakdowns: [string, (path: string) => boolean][] = [
	["the journal is lost", (path) => path.includes("journal.jsonl")],
	["everything fails, as in a crash", () => true],
]

test.each(breakdowns)("%s: it stays armed, until a recovery has put the pool back", async (_, isBroken) => {
	const closure = [`until [ -e ${bench.path("go")} ]; do sleep 0.01; done`]
	const onEvent = ({ type }: { type: string }) => {
		if (type !== "command-started") return
		broken = isBroken
		bench.write("go", "")
	}
	const module = { pools: [{ id: "p", files: { file: "new" }, closure }] }
	await expect(bench.apply(module, {}, { run: "r", onEvent })).rejects.toThrow()
	expect(asked).toEqual(["arm"])
	bench.host = { ...bench.host, self: { ...bench.host.self, bootId: "the next boot" } }
	// Recovery is cut short, too.
	broken = (path) => path.includes("journal.jsonl")
	await expect(recoverRuns(bench.host, bench.options)).rejects.toThrow()
	expect(asked).toEqual(["arm"])
	broken = undefined
	expect(await recoverRuns(bench.host, bench.options)).toMatchObject([{ run: "r", outcome: "failed" }])
	expect(asked).toEqual(["arm", "disarm run-open run-closed"])
	expect(bench.read("file")).toBe("old")
})

test("a run whose end cannot be recorded stays armed: the next boot does that", async () => {
	const record = makeLayout(bench.options.stateFolder).run("r").record
	broken = (path) => path.startsWith(record)
	expect((await apply()).outcomes).toEqual({ p: "applied" })
	expect(asked).toEqual(["arm"])
	broken = undefined
	await recoverRuns(bench.host, bench.options)
	expect(asked.at(-1)).toBe("disarm run-open run-closed")
})

test("what an earlier runner left armed goes with the next run, refused or not, and with the next recovery", async () => {
	await bench.apply({ ...simple, version: "2.0.0" }, {}, { run: "first" })
	asked = []
	expect((await apply()).result).toMatchObject({ state: "refused" })
	expect(asked).toEqual(["disarm"])
	expect(await recoverRuns(bench.host, bench.options)).toEqual([])
	expect(asked).toEqual(["disarm", "disarm"])
})

test("whoever finds the lock held leaves it alone", async () => {
	await bench.apply(simple, {}, { run: "first" })
	asked = []
	await takeLock(bench.host, makeLayout(bench.options.stateFolder), { run: "other" })
	expect((await apply()).result).toMatchObject({ state: "busy", run: "other" })
	await expect(recoverRuns(bench.host, bench.options)).rejects.toMatchObject({ failure: { code: "busy" } })
	expect(asked).toEqual([])
})

test.each(["missing", "empty, as a disk's place is that is not mounted yet"])(
	"a state folder that is %s",
	async (how) => {
		if (how !== "missing") mkdirSync(bench.options.stateFolder, { mode: 0o700 })
		expect(await recoverRuns(bench.host, bench.options)).toEqual([])
		expect(asked).toEqual([])
		expect(existsSync(join(bench.options.stateFolder, "lock"))).toBe(false)
	},
)
