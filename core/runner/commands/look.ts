import { type HistoryProof, verifyHistory } from "../../engine/chain/verify-history.ts"
import { readHistory } from "../../engine/history.ts"
import { readStatus } from "../../engine/status.ts"
import { EXIT } from "../../schema/outcome.ts"
import { printHistory, printProof, printStatus } from "../text/history-text.ts"
import { type Output, printJson } from "../text/output.ts"
import { count, flag, makeCommand, UsageError, value } from "./command.ts"

export const status = makeCommand({}, async ({ json }, { host, options, output }) => {
	const found = await readStatus(host, options)
	if (json) printJson(output, found)
	else for (const line of printStatus(found)) output.line(line)
	return EXIT.ok
})

export const history = makeCommand(
	{ pool: value.optional(), limit: count.optional(), verify: flag },
	async ({ pool, limit, verify, json }, { host, options, output }) => {
		if (verify && (pool || limit))
			throw new UsageError("--verify looks at the whole history: leave --pool and --limit out")
		if (verify) return showProof(await verifyHistory(host, options), json, output)
		const runs = await readHistory(host, options, { ...(pool && { pool }), ...(limit && { limit }) })
		if (json) for (const run of runs) printJson(output, run)
		else for (const line of printHistory(runs)) output.line(line)
		return EXIT.ok
	},
)

/** Of what nobody knows a person must make out what it means. */
const proofExits = { whole: EXIT.ok, broken: EXIT.failed, unknown: EXIT.degraded }

function showProof(proof: HistoryProof, json: boolean, output: Output): number {
	if (json) printJson(output, proof)
	else for (const line of printProof(proof)) output.line(line)
	return proofExits[proof.state]
}
