import type { Services } from "../../fleet/services/types.ts"
import type { PoolResult } from "../../schema/desktop.ts"
import { FailureError } from "../../schema/failure.ts"
import type { HistoryRun } from "../../schema/history.ts"
import { makeRunLines } from "../../schema/history-lines.ts"
import type { PastFault } from "../../schema/history-past.ts"
import { EXIT } from "../../schema/outcome.ts"
import { plainText } from "../../schema/plain-text.ts"
import { type ApplianceOptions, chooseAppliances, namesAppliances } from "../appliance-options.ts"
import { csvHead, csvResult, csvRun } from "../history-csv.ts"
import { printFailure } from "../print-failure.ts"
import { outcomeMark } from "../run-summary.ts"
import { paintLines } from "../terminal.ts"
import { withServices } from "../with-services.ts"
import { worstExit } from "../worst-exit.ts"

interface HistoryOptions extends ApplianceOptions {
	limit?: number
	csv?: boolean
}

/** `hotfix history`: with `--on` what the appliances themselves remember, else what this desktop has seen. */
export function history(options: HistoryOptions): Promise<number> {
	if (options.csv) console.log(csvHead())
	return namesAppliances(options) ? appliancesHistory(options) : desktopHistory(options)
}

function appliancesHistory(options: HistoryOptions): Promise<number> {
	return withServices(options, async (services) => {
		const exits: number[] = []
		const chosen = await chooseAppliances(services, options)
		const faults = pastFaults(services, new Set(chosen.map(({ id }) => id)))
		for (const { id, name } of chosen) {
			try {
				for (const pool of options.pool ?? [undefined]) {
					const runs = await services.history.fetch(id, {
						...(pool && { pool }),
						...(options.limit && { limit: options.limit }),
					})
					for (const run of runs) for (const line of linesOfRun(options, name, run, faults.get(id))) console.log(line)
				}
				exits.push(EXIT.ok)
			} catch (error) {
				if (!(error instanceof FailureError)) throw error
				exits.push(printFailure(error.failure, `${name}: `))
			}
		}
		return worstExit(exits)
	})
}

/** In what the history of appliances is not the one that was seen before, by id; one line names them all, whatever else is printed. */
function pastFaults({ appliances }: Services, chosen?: ReadonlySet<string>): Map<string, PastFault> {
	const told = appliances.list().filter(({ id, past }) => past?.fault && (chosen?.has(id) ?? true))
	if (told.length > 0) {
		const names = plainText(told.map(({ name }) => name).join(", "))
		process.stderr.write(`not the history that was seen here before: ${names} (History in the app says what to do)\n`)
	}
	return new Map(told.flatMap(({ id, past }) => (past?.fault ? [[id, past.fault] as const] : [])))
}

function linesOfRun(
	{ json, csv }: HistoryOptions,
	appliance: string,
	run: HistoryRun,
	pastFault: PastFault | undefined,
): string[] {
	if (csv) return csvRun(appliance, run)
	return [json ? JSON.stringify({ appliance, ...run, pastFault }) : printRun(appliance, run)]
}

/** One run that an appliance remembers, as lines for a person. */
export function printRun(appliance: string, run: HistoryRun): string {
	return paintLines(makeRunLines(run), appliance).join("\n")
}

function desktopHistory(options: HistoryOptions): Promise<number> {
	return withServices(options, async (services) => {
		const faults = pastFaults(services)
		for (const pool of options.pool ?? [undefined]) {
			const { results } = services.history.pools({ pool, ...(options.limit && { limit: options.limit }) })
			for (const result of results) console.log(lineOfResult(options, result, faults))
			if (results.length === 0 && !options.json && !options.csv)
				console.log("no runs yet: `hotfix run MODULE --on [user@]host` makes the first")
		}
		return EXIT.ok
	})
}

function lineOfResult(
	{ json, csv }: HistoryOptions,
	result: PoolResult,
	faults: ReadonlyMap<string, PastFault>,
): string {
	if (csv) return csvResult(result)
	if (json) return JSON.stringify({ ...result, pastFault: faults.get(result.applianceId) })
	const { finishedAt, applianceName, moduleName, moduleVersion, pool, outcome, reason, kind } = result
	const what = plainText(`${finishedAt}  ${applianceName}  ${moduleName} ${moduleVersion}  ${pool}`)
	return `${what}  ${outcomeMark(outcome, kind)}${reason ? `: ${plainText(reason.message)}` : ""}`
}
