import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { projectFolder } from "../../support/appliances/paths.ts"
import type { Bench } from "../bench.ts"

/** What is uploaded to an appliance that has no runner yet. */
export const bench: Bench = {
	name: "runner-size",
	pairs: 1,
	targets: [{ committed: "kibibytes" }],
	setUp: async () => ({
		reset: async () => {},
		async ours() {
			const runner = await readFile(join(projectFolder, "dist/runner/hotfix-runner.cjs"))
			return { kibibytes: gzipSync(runner).length / 1024 }
		},
	}),
}
