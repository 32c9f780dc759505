import type { RecoverContext } from "../../engine/engine.ts"
import { type RecoveredRun, recoverRuns } from "../../engine/recover.ts"
import { FailureError } from "../../schema/failure.ts"
import { EXIT, exitOf, worstOutcome } from "../../schema/outcome.ts"
import { makeAfterBootHost, makeAwaitDisks } from "../after-boot.ts"
import { printJson } from "../text/output.ts"
import { whoAsks } from "./apply.ts"
import { type CommonOptions, flag, makeCommand, type Surroundings } from "./command.ts"
import { createEventOutput } from "./event-output.ts"

/** `at-boot` is hidden: the unit that an open run leaves for the next boot starts it so. */
export const recover = makeCommand({ "at-boot": flag }, (options, surroundings) =>
	options["at-boot"] ? recoverAtBoot(options, surroundings) : recoverNow(options, surroundings, { by: whoAsks() }),
)

/** A unit that failed says that a person must look: not for a pool that is back, nor where another run does the work. */
async function recoverAtBoot(options: CommonOptions, surroundings: Surroundings): Promise<number> {
	try {
		const host = makeAfterBootHost(surroundings.host)
		const exit = await recoverNow(
			options,
			{ ...surroundings, host },
			{
				by: "the appliance itself, at boot",
				awaitDisks: makeAwaitDisks(host),
			},
		)
		return exit === EXIT.degraded ? exit : EXIT.ok
	} catch (error) {
		if (error instanceof FailureError && error.failure.code === "busy") return EXIT.ok
		throw error
	}
}

async function recoverNow(
	options: CommonOptions,
	surroundings: Surroundings,
	context: RecoverContext,
): Promise<number> {
	const { host, options: engine, output } = surroundings
	// `--json` means the result here; the events are shown where `--events` says.
	const events = createEventOutput({ ...options, json: false }, options.json ? { ...output, line: () => {} } : output)
	try {
		const runs = await recoverRuns(host, engine, { ...context, onEvent: events.show })
		if (options.json) printJson(output, { runs })
		else if (options.events !== "-") for (const line of printRecovered(runs)) output.line(line)
		const failed = runs.find(({ finalClosure }) => finalClosure)?.finalClosure
		return exitOf(worstOutcome(runs.map(({ outcome }) => outcome)), failed ?? { outcome: "not-run" })
	} finally {
		events.close()
	}
}

function printRecovered(runs: RecoveredRun[]): string[] {
	if (runs.length === 0) return ["no run was left open"]
	return runs.map(
		({ run, outcome, finalClosure }) => `run ${run}: ${outcome}${finalClosure ? ", final closure failed" : ""}`,
	)
}
