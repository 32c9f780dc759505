import { FailureError } from "../../schema/failure.ts"
import type { HistoryRun } from "../../schema/history.ts"
import { EXIT } from "../../schema/outcome.ts"
import { plainText } from "../../schema/plain-text.ts"
import { type ApplianceOptions, chooseAppliances } from "../appliance-options.ts"
import { printFailure } from "../print-failure.ts"
import { outcomeMark } from "../run-summary.ts"
import { paint } from "../terminal.ts"
import { withServices } from "../with-services.ts"
import { worstExit } from "../worst-exit.ts"

interface HistoryOptions extends ApplianceOptions {
	limit?: number
}

/** `hotfix history`: with `--on` what the appliances themselves remember, else what this desktop has seen. */
export function history(options: HistoryOptions): Promise<number> {
	return options.on ? appliancesHistory(options) : desktopHistory(options)
}

function appliancesHistory(options: HistoryOptions): Promise<number> {
	return withServices(options, async (services) => {
		const exits: number[] = []
		for (const { id, name } of chooseAppliances(services, options)) {
			try {
				for (const pool of options.pool ?? [undefined]) {
					const runs = await services.history.fetch(id, {
						...(pool && { pool }),
						...(options.limit && { limit: options.limit }),
					})
					for (const run of runs)
						console.log(options.json ? JSON.stringify({ appliance: name, ...run }) : printRun(name, run))
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

export function printRun(appliance: string, run: HistoryRun): string {
	const { startedAt, module, kind } = run
	const head = plainText(`${startedAt}  ${appliance}  ${module.name} ${module.version}  ${kind}  ${run.run}`)
	const pools = run.pools.map(
		({ pool, outcome, reason }) =>
			`  ${outcomeMark(outcome)}  ${plainText(pool)}${reason ? `: ${plainText(reason.message)}` : ""}`,
	)
	const who = run.by === undefined ? "" : ` by ${plainText(run.by)}`
	const where = run.from === undefined ? "" : ` from ${plainText(run.from)}`
	const asked = who || where ? [`  asked${who}${where}`] : []
	return [paint("bold", head), ...asked, ...pools].join("\n")
}

function desktopHistory(options: HistoryOptions): Promise<number> {
	return withServices(options, async (services) => {
		for (const pool of options.pool ?? [undefined]) {
			const { results } = services.history.pools({ pool, ...(options.limit && { limit: options.limit }) })
			for (const result of results) {
				if (options.json) console.log(JSON.stringify(result))
				else {
					const { finishedAt, applianceName, moduleName, moduleVersion, pool, outcome, reason } = result
					console.log(
						`${plainText(`${finishedAt}  ${applianceName}  ${moduleName} ${moduleVersion}  ${pool}`)}  ${outcomeMark(outcome)}${reason ? `: ${plainText(reason.message)}` : ""}`,
					)
				}
			}
			if (results.length === 0 && !options.json)
				console.log("no runs yet: `hotfix run MODULE --on [user@]host` makes the first")
		}
		return EXIT.ok
	})
}
