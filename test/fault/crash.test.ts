import { afterEach, beforeEach, expect, test } from "vitest"
import { crashAt, noFault } from "./faulty-host.ts"
import { checkInvariants, createScenario, recoverWith, runWith, type Scenario } from "./scenario.ts"

/** Hundreds of runs; a machine may be busy with other things. */
const LIMIT = 400_000

let scenario: Scenario
let calls: number
beforeEach(async () => {
	scenario = await createScenario()
	const host = scenario.host(noFault)
	await runWith(scenario, host)
	await checkInvariants(scenario)
	calls = host.calls
	expect(calls).toBeGreaterThan(100)
})
afterEach(() => scenario.remove())

test(
	"a crash at every call of a run: recovery reaches all new or all exactly as before",
	async () => {
		for (let call = 1; call <= calls; call++) {
			scenario.reset()
			await runWith(scenario, scenario.host(crashAt(call)))
			await told(`crash at call ${call}`, () => checkInvariants(scenario))
			if (call % 10 === 0) await told(`the run after a crash at call ${call}`, () => checkNextRun(scenario))
		}
	},
	LIMIT,
)

test.each([0.4, 0.8])("a crash at %f of a run, then at every call of a recovery, then another one", async (part) => {
	const first = Math.round(calls * part)
	for (let call = 1, isDone = false; !isDone; call++) {
		scenario.reset()
		await runWith(scenario, scenario.host(crashAt(first)))
		const recovering = scenario.host(crashAt(call))
		await recoverWith(scenario, recovering)
		await told(`crash at call ${first}, then at ${call} of recovery`, () => checkInvariants(scenario))
		isDone = recovering.calls < call
	}
})

/** The appliance goes on as if nothing had been. */
async function checkNextRun(scenario: Scenario): Promise<void> {
	scenario.bench.host = scenario.host(noFault)
	const next = await scenario.bench.apply(scenario.module)
	expect(["applied", "unchanged"]).toContain(next.outcomes.p1)
	expect(next.outcomes.p2).toBe("failed")
	await checkInvariants(scenario)
}

async function told(where: string, check: () => Promise<void>): Promise<void> {
	try {
		await check()
	} catch (error) {
		throw new Error(`${where}: ${error instanceof Error ? error.message : error}`, { cause: error })
	}
}
