import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { openStore } from "../../../core/fleet/store/store.ts"
import { groupByCause } from "../../../core/schema/failure-cause.ts"
import { makeGrid } from "../../../core/schema/history-grid.ts"
import type { Bench } from "../bench.ts"
import { fillHistory } from "../history-rows.ts"
import { workOf } from "../processor.ts"

/** List, grid, causes and course of a history of 2,000 pool results. */
export const bench: Bench = {
	name: "history-questions",
	other: "all its rows read and parsed, 4 times",
	pairs: 80,
	targets: [{ committed: "processorMs" }],
	async setUp(folder) {
		const store = openStore(join(folder, "data"), () => {})
		fillHistory(store, 40)
		const db = new DatabaseSync(store.file, { readOnly: true })
		const all = db.prepare("SELECT body FROM pool_results")
		return {
			reset: async () => {},
			ours: () =>
				workOf(() => {
					store.history.pools({})
					makeGrid(store.history.newest({}), ({ applianceName }) => applianceName)
					groupByCause(store.history.failures({}))
					store.history.course({})
				}),
			other: () =>
				workOf(() => {
					for (let time = 0; time < 4; time++) for (const { body } of all.all()) JSON.parse(String(body))
				}),
			async end() {
				db.close()
				store.close()
			},
		}
	},
}
