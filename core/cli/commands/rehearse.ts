import { type ApplianceOptions, chooseAppliances } from "../appliance-options.ts"
import { withServices } from "../with-services.ts"
import { worstExit } from "../worst-exit.ts"
import { exitOfRun, followRuns } from "./run.ts"

interface RehearseOptions extends ApplianceOptions {
	modify?: boolean
	timeout?: number
}

/** `hotfix rehearse MODULE --on ...`: a run that is always put back, to prove fix and way back. */
export function rehearse(options: RehearseOptions, folder: string): Promise<number> {
	return withServices(options, async (services) => {
		const appliances = await chooseAppliances(services, options)
		const started = await services.runs.start({
			folder,
			applianceIds: appliances.map(({ id }) => id),
			pools: options.pool,
			kind: "rehearse",
			modify: options.modify ?? false,
			...(options.timeout && { timeoutSeconds: options.timeout }),
		})
		const ended = await followRuns(services, started, options.json ?? false)
		return worstExit(ended.map(exitOfRun))
	})
}
