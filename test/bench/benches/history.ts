import { join } from "node:path"
import { openStore, type Store } from "../../../core/fleet/store/store.ts"
import { groupByCause } from "../../../core/schema/failure-cause.ts"
import { makeGrid } from "../../../core/schema/history-grid.ts"
import type { Bench } from "../bench.ts"
import { fillHistory } from "../history-rows.ts"

const RUNS = 2000
const PARTS = [
	{ pool: "pool-7" },
	{ applianceId: "appliance-7" },
	{ moduleName: "large" },
	{ outcome: "failed" },
	{ text: "curl connect" },
] as const

/** Every question about a history of 100,000 pool results, with each set of filters: the slowest one. */
export const bench: Bench = {
	name: "history",
	pairs: 3,
	targets: [{ milliseconds: 100 }],
	async setUp(folder) {
		const store = openStore(join(folder, "data"), () => {})
		fillHistory(store, RUNS)
		return {
			reset: async () => {},
			ours: async () => ({ milliseconds: askAll(store) }),
			end: async () => store.close(),
		}
	},
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
