import { existsSync, readFileSync, statSync } from "node:fs"
import { afterEach, beforeEach, expect, test } from "vitest"
import { makeLayout } from "../../../../core/engine/layout.ts"
import { recoverRuns } from "../../../../core/engine/recover.ts"
import { revertPool } from "../../../../core/engine/revert.ts"
import { pruneRecords } from "../../../../core/engine/run/prune-records.ts"
import { createFaultyHost } from "../../../fault/faulty-host.ts"
import { createWorkbench, type TestModule, type Workbench } from "./workbench.ts"

let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
	bench.write("file", "old")
})
afterEach(() => bench.remove())

const pathOf = (run: string) => makeLayout(bench.options.stateFolder).run(run).receipt
const receiptOf = (run: string) => readFileSync(pathOf(run), "utf8")
const module = (changes: Partial<TestModule["pools"][number]> = {}): TestModule => ({
	description: "mends it all",
	pools: [{ id: "p", description: "mends a part", files: { file: "new" }, ...changes }],
})

test("an apply, what undoes it, and the undoing each leave one, for root alone", async () => {
	const seen: string[] = []
	const onEvent = ({ type }: { type: string }) => type === "run-finished" && seen.push(receiptOf("one"))
	await bench.apply(module(), { by: "anna@desk" }, { run: "one", from: "10.1.2.3", onEvent })
	const text = receiptOf("one")
	expect(seen).toEqual([text])
	expect(text).toMatch(/Why {7}mends it all\nAsked {5}by anna@desk from 10\.1\.2\.3\n/)
	expect(text).toMatch(/Pool p: applied\n {2}mends a part\n/)
	expect(text).toContain(`replaced  ${bench.path("file")}`)
	expect(text).toMatch(/hotfix-runner revert --pool p --run one\n/)
	expect(statSync(pathOf("one")).mode & 0o777).toBe(0o600)

	const request = { pool: "p", run: "one", original: false, force: false }
	await revertPool(bench.host, bench.options, request, { run: "two" })
	expect(receiptOf("two")).toMatch(
		/What {6}revert of module hotfix 1\.0\.0\n[^\n]*\nWhy {7}put back what stood before run one\n/,
	)
})

test("a run that fails, one that only rehearses and one with nothing to do leave one", async () => {
	await bench.apply(module({ closure: ["echo last words; exit 3"] }), {}, { run: "failed" })
	expect(receiptOf("failed")).toMatch(/^A PERSON MUST LOOK: pool p .*Pool p: degraded\n.*\| last words\n/s)
	await bench.apply({ ...module(), version: "1.0.1" }, { kind: "rehearse", force: true }, { run: "rehearsed" })
	expect(receiptOf("rehearsed")).toContain("It passed, there and back")
	await bench.apply({ ...module(), version: "1.0.1" }, {}, { run: "applied" })
	await bench.apply({ ...module(), version: "1.0.1" }, {}, { run: "again" })
	expect(receiptOf("again")).toContain("Outcome   unchanged; nothing on this appliance was touched")
})

test("a run that was refused is no run: it leaves none", async () => {
	const { result } = await bench.apply(module(), { pools: ["q"] }, { run: "refused" })
	expect([result.state, existsSync(pathOf("refused"))]).toEqual(["refused", false])
})

test("cut short in a pool, or while it is written: recovery leaves it", async () => {
	const cutAt = async (path: string, run: string) => {
		let isOff = false
		const before = (_: number, name: string, at: string) => {
			isOff ||= name === "rename" && at.includes(path)
			if (isOff) throw new Error("the power is gone")
		}
		const host = bench.host
		bench.host = createFaultyHost({ before }, () => 0)
		await bench.apply(module(), { force: true }, { run }).catch(() => undefined)
		bench.host = host
		await recoverRuns(host, bench.options)
	}
	// In the middle of the pool: recovery puts it back, and says that it did.
	await cutAt("/.hotfix-", "middle")
	expect(receiptOf("middle")).toMatch(/by recovery: it had been interrupted\nOutcome {3}failed\n.*Pool p: failed\n/s)
	await cutAt("/receipts/", "end")
	expect(receiptOf("end")).toMatch(/Pool p: applied\n {2}mends a part\n/)
})

test("one that cannot be written is told in the log, and the run is what it was", async () => {
	const before = (_: number, name: string, path: string) => {
		if (name === "open" && path.includes("/receipts/")) throw Object.assign(new Error("EROFS"), { code: "EROFS" })
	}
	bench.host = createFaultyHost({ before }, () => 0)
	const { outcomes } = await bench.apply(module(), {}, { run: "r" })
	expect([outcomes.p, existsSync(pathOf("r"))]).toEqual(["applied", false])
	expect(readFileSync(bench.options.logFile ?? "", "utf8")).toMatch(/the receipt of run r could not be written: /)
	expect(await recoverRuns(bench.host, bench.options)).toEqual([])
})

test("it stays as long as its run does", async () => {
	for (const run of ["r1", "r2", "r3"])
		await bench.apply(module({ closure: [`true ${run}`] }), { kind: "rehearse" }, { run })
	const kept = { withOutput: 1, outputBytes: 1 << 20, runs: 2, recordBytes: 1 << 20, slack: 1 }
	await pruneRecords(bench.host, makeLayout(bench.options.stateFolder), kept)
	expect(["r1", "r2", "r3"].map((run) => existsSync(pathOf(run)))).toEqual([false, true, true])
})
