import { join } from "node:path"
import { openStore, type Store } from "../../../core/fleet/store/store.ts"
import type { DesktopRun } from "../../../core/schema/desktop.ts"
import { groupByCause } from "../../../core/schema/failure-cause.ts"
import { makeGrid } from "../../../core/schema/history-grid.ts"
import type { Bench } from "../bench.ts"

const RUNS = 2000
const POOLS = 50
const PARTS = [
	{ pool: "pool-7" },
	{ applianceId: "appliance-7" },
	{ moduleName: "large" },
	{ outcome: "failed" },
] as const

/** Every question about a history of 100,000 pool results, with each set of filters: the slowest one. */
export const bench: Bench = {
	name: "history",
	pairs: 3,
	targets: [{ milliseconds: 100 }],
	async setUp(folder) {
		const store = openStore(join(folder, "data"), () => {})
		store.inTransaction(() => {
			for (let run = 0; run < RUNS; run++) fillRun(store, run)
		})
		return {
			reset: async () => {},
			ours: async () => ({ milliseconds: askAll(store) }),
			end: async () => store.close(),
		}
	},
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
		store.runs.savePool({ ...where, pool: `pool-${pool}`, outcome, durationMs: 1000, kind: "apply", finishedAt })
	}
}

function askAll(store: Store): number {
	let slowest = 0
	for (let set = 0; set < 2 ** PARTS.length; set++) {
		const filter = Object.assign({}, ...PARTS.filter((_, bit) => set & (1 << bit)))
		const questions = {
			list: () => store.history.pools(filter),
			grid: () => makeGrid(store.history.newest(filter), ({ applianceName }) => applianceName),
			causes: () => groupByCause(store.history.failures(filter)),
			course: () => store.history.course(filter),
		}
		for (const [name, ask] of Object.entries({ ...questions, retention: () => store.retention.prune() })) {
			const before = performance.now()
			ask()
			const took = performance.now() - before
			if (took > 100) console.error(`${name} ${JSON.stringify(filter)}: ${took.toFixed(0)} ms`)
			slowest = Math.max(slowest, took)
		}
	}
	return slowest
}
