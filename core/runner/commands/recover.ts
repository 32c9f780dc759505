import { type RecoveredRun, recoverRuns } from "../../engine/recover.ts"
import { exitOf, worstOutcome } from "../../schema/outcome.ts"
import { printJson } from "../text/output.ts"
import { whoAsks } from "./apply.ts"
import { makeCommand } from "./command.ts"
import { createEventOutput } from "./event-output.ts"

export const recover = makeCommand({}, async (options, { host, options: engine, output }) => {
	// `--json` means the result here; the events are shown where `--events` says.
	const events = createEventOutput({ ...options, json: false }, options.json ? { ...output, line: () => {} } : output)
	try {
		const runs = await recoverRuns(host, engine, { onEvent: events.show, by: whoAsks() })
		if (options.json) printJson(output, { runs })
		else if (options.events !== "-") for (const line of printRecovered(runs)) output.line(line)
		const failed = runs.find(({ finalClosure }) => finalClosure)?.finalClosure
		return exitOf(worstOutcome(runs.map(({ outcome }) => outcome)), failed ?? { outcome: "not-run" })
	} finally {
		events.close()
	}
})

function printRecovered(runs: RecoveredRun[]): string[] {
	if (runs.length === 0) return ["no run was left open"]
	return runs.map(
		({ run, outcome, finalClosure }) => `run ${run}: ${outcome}${finalClosure ? ", final closure failed" : ""}`,
	)
}
