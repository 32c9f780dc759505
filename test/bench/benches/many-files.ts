import { randomBytes } from "node:crypto"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { createAppliance, timeApply } from "../appliance.ts"
import type { Bench } from "../bench.ts"
import { timeProgram } from "../run-program.ts"

const FILES = 1000
const BYTES = 4096

/** One pool of many small files, against the loop that one would write for it. */
export const bench: Bench = {
	name: "many-files",
	other: "plain copy with syncs",
	pairs: 5,
	targets: [{ times: 3 }, { peakMemoryMiB: 150 }],
	async setUp(folder) {
		const names = Array.from({ length: FILES }, (_, index) => `file-${index}`)
		const appliance = await createAppliance(folder, names, (path) => writeFile(path, randomBytes(BYTES)))
		const { sources, destinations, aside, reset } = appliance
		const program = join(import.meta.dirname, "../plain-copy.ts")
		return {
			reset,
			ours: () => timeApply(appliance),
			other: () => timeProgram(process.execPath, [program, sources, destinations, aside]),
		}
	},
}
