import { expect, test } from "vitest"
import type { PoolResult } from "../../../../core/schema/desktop.ts"
import { makeGrid } from "../../../../core/schema/history-grid.ts"

const result = (applianceId: string, moduleName: string, pool: string, runId: string): PoolResult => ({
	runId,
	pool,
	applianceId,
	applianceName: applianceId.toUpperCase(),
	moduleName,
	moduleVersion: "1.0.0",
	kind: "apply",
	outcome: "failed",
	reason: { phase: "closure", message: "m" },
	finishedAt: "2026-01-01T00:00:00Z",
	durationMs: 1,
})

test("a row an appliance, a column a pool of a module, by their names", () => {
	const newest = [result("b", "m", "web", "1"), result("a", "m", "cron", "2"), result("a", "l", "web", "3")]
	const { pools, appliances } = makeGrid(newest, ({ applianceName }) => applianceName)
	expect(pools.map(({ moduleName, pool }) => `${moduleName} ${pool}`)).toEqual(["l web", "m cron", "m web"])
	expect(appliances.map(({ name, cells }) => [name, cells.map((cell) => cell?.runId)])).toEqual([
		["A", ["3", "2", undefined]],
		["B", [undefined, undefined, "1"]],
	])
	expect(appliances[0]?.cells[0]).toMatchObject({ outcome: "failed", phase: "closure" })
})
