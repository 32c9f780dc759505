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

/** Runs or results that are printed where `--limit` names no other number. */
const SHOWN = 50

/** `hotfix history`: with `--on` what the appliances themselves remember, else what this desktop has seen. */
export function history(options: HistoryOptions): Promise<number> {
	if (options.csv) console.log(csvHead())
	const print = namesAppliances(options) ? appliancesHistory : desktopHistory
	return withServices(options, (services) => print(services, options))
}

/** Prints what each chosen appliance remembers; resolves to the exit code. */
export async function appliancesHistory(
	services: Pick<Services, "appliances" | "fleet" | "state" | "history">,
	options: HistoryOptions,
): Promise<number> {
	const exits: number[] = []
	const chosen = await chooseAppliances(services, options)
	const faults = pastFaults(services, new Set(chosen.map(({ id }) => id)))
	for (const { id, name } of chosen) {
		try {
			for (const pool of options.pool ?? [undefined]) {
				// How many it has nobody says: one more tells that these are not all.
				const limit = options.limit ?? SHOWN + 1
				const runs = await services.history.fetch(id, { ...(pool && { pool }), limit })
				const shown = runs.slice(0, options.limit ?? SHOWN)
				for (const run of shown) for (const line of linesOfRun(options, name, run, faults.get(id))) console.log(line)
				if (runs.length > shown.length) sayMore(`${name}: the newest ${SHOWN} runs, there are more`)
			}
			exits.push(EXIT.ok)
		} catch (error) {
			if (!(error instanceof FailureError)) throw error
			exits.push(printFailure(error.failure, `${name}: `))
		}
	}
	return worstExit(exits)
}

/** Only where no number was named: who did knows that there may be more. On stderr, because programs read the rest. */
function sayMore(what: string): void {
	process.stderr.write(`${plainText(what)}: --limit NUMBER prints them\n`)
}

/** In what the history of appliances is not the one that was seen before, by id; one line names them all, whatever else is printed. */
function pastFaults(
	{ appliances }: Pick<Services, "appliances">,
	chosen?: ReadonlySet<string>,
): Map<string, PastFault> {
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

async function desktopHistory(services: Services, options: HistoryOptions): Promise<number> {
	const { limit = SHOWN, json, csv } = options
	const faults = pastFaults(services)
	for (const pool of options.pool ?? [undefined]) {
		const { results, total } = services.history.pools({ pool, limit })
		for (const result of results) console.log(lineOfResult(options, result, services, faults))
		if (results.length === 0 && !json && !csv)
			console.log("no runs yet: `hotfix run MODULE --on [user@]host` makes the first")
		if (options.limit === undefined && total > SHOWN) sayMore(`the newest ${SHOWN} of ${total} results`)
	}
	return EXIT.ok
}

function lineOfResult(
	{ json, csv }: HistoryOptions,
	result: PoolResult,
	{ runs }: Pick<Services, "runs">,
	faults: ReadonlyMap<string, PastFault>,
): string {
	if (csv) return csvResult(result, idThere(runs, result.runId))
	if (json) return JSON.stringify({ ...result, pastFault: faults.get(result.applianceId) })
	const { finishedAt, applianceName, moduleName, moduleVersion, pool, outcome, reason, kind } = result
	const what = plainText(`${finishedAt}  ${applianceName}  ${moduleName} ${moduleVersion}  ${pool}`)
	return `${what}  ${outcomeMark(outcome, kind)}${reason ? `: ${plainText(reason.message)}` : ""}`
}

/** A run's id on the appliance. */
function idThere(runs: Services["runs"], id: string): string | undefined {
	try {
		return runs.get(id).run
	} catch (error) {
		// Its row cannot be read. The result tells the rest all the same.
		if (error instanceof FailureError) return undefined
		throw error
	}
}
