import { afterEach, beforeEach, test } from "vitest"
import { failAt } from "./faulty-host.ts"
import { checkInvariants, createScenario, runWith, type Scenario } from "./scenario.ts"

/** Hundreds of runs; a machine may be busy with other things. */
const LIMIT = 400_000

let scenario: Scenario
beforeEach(async () => {
	scenario = await createScenario()
})
afterEach(() => scenario.remove())

/** What the engine does depends on few codes; none of these two is one of them, and both are what disks really say. */
test.each(["ENOSPC", "EIO"])(
	"%s at every call of a run, one at a time",
	async (code) => {
		for (let call = 1, isDone = false; !isDone; call++) {
			scenario.reset()
			const host = scenario.host(failAt(call, code))
			await runWith(scenario, host)
			try {
				await checkInvariants(scenario, true)
			} catch (error) {
				throw new Error(`${code} at call ${call}: ${error instanceof Error ? error.message : error}`, { cause: error })
			}
			isDone = host.calls < call
		}
	},
	LIMIT,
)
