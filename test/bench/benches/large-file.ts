import { randomBytes } from "node:crypto"
import { open } from "node:fs/promises"
import { createAppliance, timeApply } from "../appliance.ts"
import type { Bench } from "../bench.ts"
import { timeProgram } from "../run-program.ts"

const MIB = Number(process.env.HOTFIX_BENCH_LARGE_MIB ?? 1024)

/** The old file aside, the new one beside it, both on disk, and renamed. */
const COPY_TWICE =
	'cp -- "$2/large" "$3/large" && cp -- "$1/large" "$2/large.new" && sync "$3/large" "$2/large.new" && mv -f -- "$2/large.new" "$2/large"'

/** One file larger than any buffer, against `cp` twice and `sync`. */
export const bench: Bench = {
	name: "large-file",
	other: "cp twice and sync",
	pairs: 5,
	targets: [{ times: 1.5 }, { peakMemoryMiB: 150 }],
	async setUp(folder) {
		const appliance = await createAppliance(folder, ["large"], writeLarge)
		const { sources, destinations, aside, reset } = appliance
		return {
			reset,
			ours: () => timeApply(appliance),
			other: () => timeProgram("sh", ["-c", COPY_TWICE, "sh", sources, destinations, aside]),
		}
	},
}

/** Bytes that no file system can make smaller. */
async function writeLarge(path: string): Promise<void> {
	const file = await open(path, "wx")
	try {
		for (let written = 0; written < MIB; written++) await file.write(randomBytes(1 << 20))
	} finally {
		await file.close()
	}
}
