import { randomBytes } from "node:crypto"
import { writeFile } from "node:fs/promises"
import { createAppliance } from "../appliance.ts"
import type { Bench } from "../bench.ts"
import { workOfNode } from "../run-program.ts"

/** A whole call of the runner that finds its pool applied already. */
export const bench: Bench = {
	name: "start-work",
	other: "node -e 0",
	pairs: 14,
	targets: [{ committed: "processorMs" }],
	async setUp(folder) {
		const { runner, apply } = await createAppliance(folder, ["file"], (path) => writeFile(path, randomBytes(4096)))
		return {
			// The first pair, which is not counted, has applied it.
			reset: async () => {},
			ours: () => workOfNode([runner, ...apply]),
			other: () => workOfNode(["-e", "0"]),
		}
	},
}
