import { readHistory } from "../../engine/history.ts"
import { readStatus } from "../../engine/status.ts"
import { EXIT } from "../../schema/outcome.ts"
import { printHistory, printStatus } from "../text/history-text.ts"
import { printJson } from "../text/output.ts"
import { count, makeCommand, value } from "./command.ts"

export const status = makeCommand({}, async ({ json }, { host, options, output }) => {
	const found = await readStatus(host, options)
	if (json) printJson(output, found)
	else for (const line of printStatus(found)) output.line(line)
	return EXIT.ok
})

export const history = makeCommand(
	{ pool: value.optional(), limit: count.optional() },
	async ({ pool, limit, json }, { host, options, output }) => {
		const runs = await readHistory(host, options, { ...(pool && { pool }), ...(limit && { limit }) })
		if (json) for (const run of runs) printJson(output, run)
		else for (const line of printHistory(runs)) output.line(line)
		return EXIT.ok
	},
)
