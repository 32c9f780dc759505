import { randomBytes } from "node:crypto"
import { writeFile } from "node:fs/promises"
import { createAppliance } from "../appliance.ts"
import type { Bench } from "../bench.ts"
import { timeFirstLine, timeProgram } from "../run-program.ts"

/** From the runner's start to its first event, against a Node that does nothing at all. */
export const bench: Bench = {
	name: "start",
	other: "node -e 0",
	pairs: 20,
	targets: [{ times: 2 }],
	async setUp(folder) {
		const { runner, apply } = await createAppliance(folder, ["file"], (path) => writeFile(path, randomBytes(4096)))
		const again = [runner, ...apply, "--events", "-"]
		return {
			// As on every appliance but a new one, the state folder is there; each run finds its pool applied already.
			reset: async () => {},
			ours: () => timeFirstLine(process.execPath, again),
			other: () => timeProgram(process.execPath, ["-e", "0"]),
		}
	},
}
