import { expect, test } from "vitest"
import { explore } from "./explore.ts"
import { findTruth } from "./process.ts"
import { type Scenario, scenarios } from "./scenarios.ts"

/** Thousands of runs; a machine may be busy with other things. */
const LIMIT = 1_200_000

const { tiny, ...others } = scenarios

/** They do to the disk what others do: torn contents and single changes are tried there. */
const repeating: Scenario[] = [scenarios.rehearse, scenarios.modify]
const few = ["killed", "all lost", "names kept, content lost", "content kept, names lost"] as const

test.each(Object.values(others))(
	"$name, cut short before every change of the disk",
	async (scenario) => {
		const cuts = repeating.includes(scenario) ? { first: few } : { singles: true }
		const { moments, images, ends } = await explore(await findTruth(scenario), { depth: 1, ...cuts })
		console.info(`${scenario.name}: ${moments} moments, ${images} appliances left, ${ends} recovered ones`)
		expect(moments).toBeGreaterThan(100)
	},
	LIMIT,
)
