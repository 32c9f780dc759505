import { findingsOf } from "../../../core/schema/module-index.ts"
import type { Bench } from "../bench.ts"
import { workOf } from "../processor.ts"

/** The text of a module of 50 pools and 500 operations, read with everything that is wrong with it told. */
export const bench: Bench = {
	name: "module-text",
	other: "JSON.parse, 100 times",
	pairs: 80,
	targets: [{ committed: "processorMs" }],
	async setUp() {
		const text = makeText()
		return {
			reset: async () => {},
			ours: () => workOf(() => findingsOf(text)),
			other: () =>
				workOf(() => {
					for (let time = 0; time < 100; time++) JSON.parse(text)
				}),
		}
	},
}

function makeText(): string {
	const pools = Array.from({ length: 50 }, (_, pool) => ({
		id: `pool-${pool}`,
		description: `What pool ${pool} repairs`,
		operations: Array.from({ length: 10 }, (_, file) => ({
			target: `src/part-${pool}/file-${file}.conf`,
			destination: `/opt/service/part-${pool}/file-${file}.conf`,
		})),
		closure: [`systemctl restart part-${pool}`, `curl -fsS http://127.0.0.1/part-${pool}`],
	}))
	return JSON.stringify({ metadata: { schema_version: "1.0.0" }, pools, finalClosure: ["true"] }, null, 2)
}
