import type { RunResult } from "../../engine/engine.ts"
import { FailureError } from "../../schema/failure.ts"
import { exitOf } from "../../schema/outcome.ts"
import { type Output, printFailure } from "../text/output.ts"
import type { CommonOptions, Surroundings } from "./command.ts"
import { createEventOutput, type EventOutput } from "./event-output.ts"

/** Runs to the end with its events shown; resolves to the exit code (DESIGN §6). */
export async function showRun(
	options: CommonOptions,
	{ output }: Surroundings,
	run: (events: EventOutput) => Promise<RunResult>,
): Promise<number> {
	const events = createEventOutput(options, output)
	try {
		return exitOfResult(await run(events), output)
	} finally {
		events.close()
	}
}

function exitOfResult(result: RunResult, output: Output): number {
	if (result.state === "finished") return exitOf(result.outcome, result.finalClosure)
	if (result.state === "refused") return printFailure(output, result.failure)
	const { run, since, by } = result
	return printFailure(output, new FailureError("busy", { run, since, ...(by && { by }) }).failure)
}
