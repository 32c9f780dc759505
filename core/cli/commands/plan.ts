import { FailureError } from "../../schema/failure.ts"
import { EXIT } from "../../schema/outcome.ts"
import { plainText } from "../../schema/plain-text.ts"
import type { Plan, PlannedOperation, PlannedPool } from "../../schema/plan.ts"
import { type ApplianceOptions, chooseAppliances } from "../appliance-options.ts"
import { printFailure } from "../print-failure.ts"
import { paint } from "../terminal.ts"
import { withServices } from "../with-services.ts"
import { worstExit } from "../worst-exit.ts"

/** `hotfix plan MODULE --on ...`: what a run would do; nothing is written on any appliance. */
export function plan(options: ApplianceOptions, folder: string): Promise<number> {
	return withServices(options, async (services) => {
		const appliances = chooseAppliances(services, options)
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
	const before = plan.installedVersion ? `, ${plan.installedVersion} stands there now` : ""
	const head = plainText(`${appliance}: ${plan.module.name} ${plan.module.version}${before}`)
	return [
		"",
		paint("bold", head),
		...(plan.refusal ? [paint("red", `refused: ${plainText(plan.refusal)}`)] : []),
		...plan.pools.flatMap(printPool),
		...(plan.finalClosure.length > 0 ? ["", "then, when every pool stands applied:"] : []),
		...plan.finalClosure.map((command) => `  $ ${plainText(command)}`),
	]
}

const WOULD: Record<PlannedPool["would"], string> = {
	apply: "would be applied",
	unchanged: "already applied, nothing runs",
	skip: "skipped",
	"fail-preflight": "would fail before anything is touched",
}

function printPool(pool: PlannedPool): string[] {
	const blocked = pool.would === "fail-preflight"
	return [
		"",
		`${paint("bold", plainText(pool.pool))}: ${blocked ? paint("red", WOULD[pool.would]) : WOULD[pool.would]}`,
		...pool.operations.flatMap(printOperation),
		...pool.checks.map((command) => `  check $ ${plainText(command)}`),
		...pool.closure.map((command) => `  $ ${plainText(command)}`),
		...pool.warnings.map((warning) => paint("yellow", `  warning: ${plainText(warning)}`)),
	]
}

function printOperation(operation: PlannedOperation): string[] {
	const drift = operation.drift === "changed" ? " (changed since we wrote it)" : ""
	const link = operation.linkTo ? ` -> ${operation.linkTo}` : ""
	return [
		`  ${operation.change.padEnd(9)} ${plainText(operation.destination)}${plainText(link)}${drift}`,
		...operation.faults.map((fault) => paint("red", `    ${plainText(fault)}`)),
	]
}
