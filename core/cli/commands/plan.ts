import { FailureError } from "../../schema/failure.ts"
import { EXIT } from "../../schema/outcome.ts"
import type { Plan } from "../../schema/plan.ts"
import { makePlanLines } from "../../schema/plan-lines.ts"
import { type ApplianceOptions, chooseAppliances } from "../appliance-options.ts"
import { printFailure } from "../print-failure.ts"
import { paintLines } from "../terminal.ts"
import { withServices } from "../with-services.ts"
import { worstExit } from "../worst-exit.ts"

/** `hotfix plan MODULE --on ...`: what a run would do; nothing is written on any appliance. */
export function plan(options: ApplianceOptions, folder: string): Promise<number> {
	return withServices(options, async (services) => {
		const appliances = await chooseAppliances(services, options)
		const exits = await Promise.all(
			appliances.map(async (appliance) => {
				try {
					const planned = await services.runs.plan({ folder, applianceId: appliance.id, pools: options.pool })
					if (options.json) console.log(JSON.stringify({ appliance: appliance.name, ...planned }))
					else console.log(printPlan(appliance.name, planned).join("\n"))
					return planned.refusal === undefined ? EXIT.ok : EXIT.badInput
				} catch (error) {
					if (error instanceof FailureError) return printFailure(error.failure, `${appliance.name}: `)
					throw error
				}
			}),
		)
		return worstExit(exits)
	})
}

/** A plan as lines for a person. */
export function printPlan(appliance: string, plan: Plan): string[] {
	return ["", ...paintLines(makePlanLines(plan), appliance)]
}
