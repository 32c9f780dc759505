import { openStore } from "../../core/fleet/store/store.ts"
import type { DesktopRun } from "../../core/schema/desktop.ts"

/** Puts one run of each of so many appliances into the store of a data folder, with so many pools each. */
export function fillHistory(folder: string, appliances: number, pools: number): void {
	const store = openStore(folder, () => {})
	store.inTransaction(() => {
		for (let appliance = 0; appliance < appliances; appliance++) fillRun(store, appliance, pools)
	})
	store.close()
}

function fillRun(store: ReturnType<typeof openStore>, appliance: number, pools: number): void {
	const finishedAt = new Date(Date.UTC(2026, 0, 1) + appliance * 60_000).toISOString()
	const applianceId = `appliance-${appliance}`
	const applianceName = `House ${String(appliance).padStart(4, "0")}`
	const id = `run-${appliance}`
	const module = { name: "large", version: "1.0.0", digest: "0".repeat(64) }
	const outcomes = Array.from({ length: pools }, (_, pool) => ((appliance + pool) % 7 === 0 ? "failed" : "applied"))
	const run: DesktopRun = {
		...{ id, run: id, batch: id, applianceId, applianceName, module, kind: "apply", state: "finished" },
		...{ startedAt: finishedAt, finishedAt, outcome: "applied", pools: [] },
	}
	store.runs.save(run, null)
	for (const [pool, outcome] of outcomes.entries()) {
		const result = {
			pool: `pool-${String(pool).padStart(2, "0")}`,
			outcome: outcome as "failed" | "applied",
			durationMs: 1000,
		}
		const where = { runId: id, applianceId, applianceName, moduleName: "large", moduleVersion: "1.0.0" }
		store.runs.savePool({ ...result, ...where, kind: "apply", finishedAt })
	}
}
