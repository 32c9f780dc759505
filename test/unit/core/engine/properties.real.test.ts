import { mkdirSync, realpathSync } from "node:fs"
import fc from "fast-check"
import { test } from "vitest"
import { storyArbitrary } from "./model/arbitraries.ts"
import { play, type Stage } from "./model/play.ts"
import { createWorkbench, type Workbench } from "./workbench.ts"

/** The real disk and a real shell. */
function createRealStage(bench: Workbench): Stage {
	const sources = `${bench.folder}/sources`
	mkdirSync(sources)
	const { uid, gid } = bench.host.self
	return {
		options: bench.options,
		root: realpathSync(`${bench.folder}/files`),
		sources,
		self: { uid, gid },
		host: () => bench.host,
	}
}

test("on a real disk, with a real shell: disk and records are what the model says", async () => {
	const self = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 }
	const property = fc.asyncProperty(storyArbitrary(self), async (story) => {
		const bench = createWorkbench()
		try {
			await play(createRealStage(bench), story)
		} finally {
			bench.remove()
		}
	})
	await fc.assert(property, { numRuns: Number(process.env.RUNS ?? 5) })
}, 600_000)
