import type { Store } from "../../core/fleet/store/store.ts"
import type { DesktopRun } from "../../core/schema/desktop.ts"
import type { Reason } from "../../core/schema/outcome.ts"

const POOLS = 50

/** So many runs of two modules on 200 appliances, each of 50 pools; a seventh of the results are failures. */
export function fillHistory(store: Store, runs: number): void {
	store.inTransaction(() => {
		for (let run = 0; run < runs; run++) fillRun(store, run)
	})
}

function fillRun(store: Store, number: number): void {
	const finishedAt = new Date(Date.UTC(2026, 0, 1) + number * 3_600_000).toISOString()
	const [id, applianceId, applianceName] = [`run-${number}`, `appliance-${number % 200}`, `House ${number % 200}`]
	const module = { name: number % 4 === 0 ? "small" : "large", version: "1.0.0", digest: "0".repeat(64) }
	const run: DesktopRun = {
		...{ id, run: id, batch: id, applianceId, applianceName, module, kind: "apply", state: "finished" },
		...{ startedAt: finishedAt, finishedAt, outcome: "applied", pools: [] },
	}
	store.runs.save(run, null)
	const where = { runId: id, applianceId, applianceName, moduleName: module.name, moduleVersion: "1.0.0" }
	for (let pool = 0; pool < POOLS; pool++) {
		const outcome = (number + pool) % 7 === 0 ? "failed" : "applied"
		const reason = outcome === "failed" ? { reason: makeReason(number) } : {}
		const result = { ...where, pool: `pool-${pool}`, outcome, ...reason, durationMs: 1000, finishedAt } as const
		store.runs.savePool({ ...result, kind: "apply" })
	}
}

/** As a closure tells it that looks for a service in vain: each appliance has an address of its own, each run a time. */
function makeReason(run: number): Reason {
	const address = `10.0.0.${run % 200}`
	const command = `curl -fsS --retry 3 http://${address}:8080/health`
	const output = `${"waiting for the service\n".repeat(10)}curl: (7) Failed to connect to ${address} after ${run} ms\n`
	return { phase: "closure", message: "the command failed", command, exit: 7, output }
}
