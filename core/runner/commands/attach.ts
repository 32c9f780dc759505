import type { RunResult } from "../../engine/engine.ts"
import { type AnyEvent, isKnownEvent } from "../../schema/event.ts"
import { FailureError } from "../../schema/failure.ts"
import { followRun } from "../follow-run.ts"
import { makeCommand, number, value } from "./command.ts"
import { showRun } from "./run-result.ts"

export const attach = makeCommand({ run: value, after: number.default(0) }, (options, surroundings) =>
	showRun(options, surroundings, async ({ show }) => {
		let result: RunResult | undefined
		for await (const event of followRun(surroundings, options.run, options.after, surroundings.signal)) {
			show(event)
			result = resultOf(event) ?? result
		}
		// Ctrl-C ends the looking, not the run.
		return result ?? { state: "refused", failure: new FailureError("cancelled", { what: "following the run" }).failure }
	}),
)

function resultOf(event: AnyEvent): RunResult | undefined {
	if (!isKnownEvent(event) || event.type !== "run-finished") return undefined
	const { run, outcome, finalClosure = { outcome: "not-run" } } = event
	return { state: "finished", run, outcome, finalClosure }
}
