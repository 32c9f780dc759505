import { rmSync, utimesSync } from "node:fs"
import { afterEach, beforeEach, expect, test } from "vitest"
import { readJournal } from "../../core/engine/journal/journal.ts"
import { makeLayout } from "../../core/engine/layout.ts"
import { recoverRuns } from "../../core/engine/recover.ts"
import { createWorkbench, type TestModule, type Workbench } from "../unit/core/engine/workbench.ts"
import { crashAt, createFaultyHost, failAt, noFault } from "./faulty-host.ts"

/** Every so many calls: each of them is tried on the simulated disk; this holds it to the real one. */
const EVERY = 37
const LIMIT = 1_200_000

let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
})
afterEach(() => bench.remove())

const module: TestModule = {
	pools: [
		{ id: "p", files: { "a.txt": "new a", "made/n.txt": "new n", "same.txt": "same" }, closure: ["fails-on-new"] },
	],
}
const failsOnNew = (command: string) => (command === "fails-on-new" && bench.read("a.txt") === "new a" ? 1 : 0)

test.each([
	["a crash", crashAt],
	["ENOSPC", (call: number) => failAt(call, "ENOSPC")],
] as const)(
	"%s at calls of a run on the real disk: all is as before",
	async (_, faultAt) => {
		const reset = () => {
			rmSync(bench.path("."), { recursive: true, force: true })
			bench.write("a.txt", "the customer's a", 0o640)
			bench.write("same.txt", "same")
			for (const name of ["a.txt", "same.txt"]) utimesSync(bench.path(name), 1_700_000_000, 1_700_000_000)
		}
		reset()
		const before = bench.tree()
		for (let at = 1, isDone = false; !isDone; at += EVERY) {
			const host = createFaultyHost(faultAt(at), failsOnNew)
			bench.host = host
			const run = `run-at-${at}`
			await bench.apply({ ...module, version: `1.0.${at}` }, {}, { run }).catch(() => undefined)
			isDone = host.calls < at
			const sound = createFaultyHost(noFault, failsOnNew)
			await recoverRuns(sound, bench.options)
			const records = await readJournal(sound, makeLayout(bench.options.stateFolder).run(run).journal)
			const end = records?.find((record) => record.type === "pool-closed")
			if (end?.type === "pool-closed" && end.outcome === "degraded") {
				// Where a call of the way back itself failed; a person puts that right.
				expect(faultAt).not.toBe(crashAt)
				reset()
			}
			expect(bench.tree(), `at call ${at}`).toEqual(before)
		}
	},
	LIMIT,
)
