import { readFileSync, writeFileSync } from "node:fs"
import { afterEach, beforeEach, expect, test } from "vitest"
import { byTurn } from "../../../../core/engine/journal/records.ts"
import { makeLayout } from "../../../../core/engine/layout.ts"
import { revertPool } from "../../../../core/engine/revert.ts"
import { readStatus } from "../../../../core/engine/status.ts"
import { createWorkbench, type Workbench } from "./workbench.ts"

let bench: Workbench
beforeEach(() => {
	bench = createWorkbench()
	bench.write("file", "theirs")
})
afterEach(() => bench.remove())

const apply = (version: string) => bench.apply({ version, pools: [{ id: "p", files: { file: version } }] })

test("an older runner that wrote the state without turns brings no run out of order", async () => {
	await apply("1.0.0")
	const second = (await apply("1.0.1")).events[0]?.run
	const path = makeLayout(bench.options.stateFolder).state
	const { turn, ...state } = JSON.parse(readFileSync(path, "utf8"))
	expect(turn).toBeGreaterThan(1)
	writeFileSync(path, JSON.stringify(state))
	await apply("1.0.2")
	await revertPool(bench.host, bench.options, { pool: "p", original: false, force: false }, { run: "back" })
	const { modules } = await readStatus(bench.host, bench.options)
	expect([bench.read("file"), modules[0]?.pools[0]]).toMatchObject(["1.0.1", { run: second }])
})

test("a run of an older runner has no turn: the clock tells", () => {
	const [first, older, last] = [{ turn: 1, at: "2026-01-01" }, { at: "2026-01-02" }, { turn: 2, at: "2026-01-03" }]
	expect([last, older, first].sort(byTurn)).toEqual([first, older, last])
})
