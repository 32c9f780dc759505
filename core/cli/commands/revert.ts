import type { Services } from "../../fleet/services/types.ts"
import { FailureError } from "../../schema/failure.ts"
import { type ApplianceOptions, chooseAppliances } from "../appliance-options.ts"
import { withServices } from "../with-services.ts"
import { worstExit } from "../worst-exit.ts"
import { exitOfRun, followRuns } from "./run.ts"

interface RevertOptions extends ApplianceOptions {
	run?: string
	original?: boolean
	force?: boolean
}

/** `hotfix revert --on HOST --pool ID`: one applied pool back to what stood before it, from the appliance's own backup. */
export function revert(options: RevertOptions): Promise<number> {
	const request = readRequest(options)
	return withServices(options, async (services) => {
		const appliances = await chooseAppliances(services, options)
		const reverts = appliances.map(({ id }) => services.runs.revert({ applianceId: id, ...request }))
		const ended = await followRuns(services, reverts, options.json ?? false)
		return worstExit(ended.map(exitOfRun))
	})
}

type Reverted = Omit<Parameters<Services["runs"]["revert"]>[0], "applianceId">

function readRequest({ pool: pools = [], run, original = false, force = false }: RevertOptions): Reverted {
	const [pool] = pools
	if (pool === undefined || pools.length > 1) throw badRequest("name exactly one pool with --pool ID")
	if (run !== undefined && original) throw badRequest("--run and --original exclude each other")
	return { pool, run, original, force }
}

function badRequest(reason: string): FailureError {
	return new FailureError("bad-request", { reason })
}
