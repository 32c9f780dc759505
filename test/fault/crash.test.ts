import { expect, test } from "vitest"
import { explore } from "./explore.ts"
import { findTruth } from "./process.ts"
import { scenarios } from "./scenarios.ts"

test.each(Object.values(scenarios))("$name", async (scenario) => {
	const t0 = performance.now()
	const depth = Number(process.env.DEPTH ?? 1)
	const explored = await explore(await findTruth(scenario), { depth, singles: process.env.SINGLES === "1" })
	console.log(scenario.name, explored, performance.now() - t0)
	expect(explored.moments).toBeGreaterThan(50)
})
