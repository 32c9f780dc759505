import { failureOf } from "../../fleet/services/failure-of.ts"
import type { Services } from "../../fleet/services/types.ts"
import type { DesktopRun } from "../../schema/desktop.ts"
import { EXIT, exitOf } from "../../schema/outcome.ts"
import { type ApplianceOptions, chooseAppliances } from "../appliance-options.ts"
import { exitOfFailure, printFailure } from "../print-failure.ts"
import { createRunDisplay } from "../run-display.ts"
import { printSummary } from "../run-summary.ts"
import { withServices } from "../with-services.ts"
import { worstExit } from "../worst-exit.ts"

interface RunOptions extends ApplianceOptions {
	force?: boolean
	allowDowngrade?: boolean
	timeout?: number
}

/** `hotfix run MODULE --on ...`: applies a module and follows every run to its end. */
export function run(options: RunOptions, folder: string): Promise<number> {
	return withServices(options, async (services) => {
		const appliances = await chooseAppliances(services, options)
		const runs = await followRuns(
			services,
			await services.runs.start({
				folder,
				applianceIds: appliances.map(({ id }) => id),
				pools: options.pool,
				force: options.force,
				allowDowngrade: options.allowDowngrade,
				...(options.timeout && { timeoutSeconds: options.timeout }),
			}),
			options.json ?? false,
		)
		return worstExit(runs.map(exitOfRun))
	})
}

/**
 * Shows runs that were started until all have ended. Interrupting once (Ctrl-C) asks every run to stop at its next safe
 * point and to put its open pool back; the runs belong to the appliances and end there whatever becomes of us.
 */
export async function followRuns(services: Services, started: DesktopRun[], json: boolean): Promise<DesktopRun[]> {
	const display = createRunDisplay(started, json)
	const cancelled = cancelOnInterrupt(services, started)
	const watching = new AbortController()
	const connections = watchConnections(services, display, started, watching.signal)
	try {
		const ended = await Promise.all(
			started.map(async ({ id }) => {
				for await (const event of services.runs.follow(id)) display.event(id, event)
				return services.runs.ended(id)
			}),
		)
		display.close()
		if (json) printNotStarted(ended)
		else console.log(printSummary(ended).join("\n"))
		return ended
	} finally {
		display.close()
		cancelled.stop()
		watching.abort()
		await connections
	}
}

/** The exit code of one ended run (DESIGN §6, §8). */
export function exitOfRun(run: DesktopRun): number {
	if (run.state === "finished" && run.outcome) return exitOf(run.outcome, run.finalClosure ?? { outcome: "not-run" })
	if (!run.failure) return EXIT.unreachable
	const exit = exitOfFailure(run.failure)
	// It did start there: "nothing was touched" and "another one is going on" would be untrue.
	return run.run !== undefined && (exit === EXIT.badInput || exit === EXIT.busy) ? EXIT.degraded : exit
}

/** Events go to stdout; what never became a run has none, so a sentence says it on stderr. */
function printNotStarted(runs: DesktopRun[]): void {
	for (const { failure, applianceName } of runs) if (failure) printFailure(failure, `${applianceName}: `)
}

/** Shows connecting, upload and lost connections, which the appliance's own events cannot tell. */
async function watchConnections(
	services: Services,
	display: ReturnType<typeof createRunDisplay>,
	runs: DesktopRun[],
	signal: AbortSignal,
): Promise<void> {
	const ours = new Set(runs.map(({ id }) => id))
	for await (const change of services.state.follow(signal)) {
		if (change.type === "run-changed" && ours.has(change.run.id)) display.run(change.run)
	}
}

function cancelOnInterrupt(services: Services, runs: DesktopRun[]): { stop(): void } {
	const cancel = () => {
		process.stderr.write("\nstopping at the next safe point; what is open is put back\n")
		for (const { id, applianceName } of runs) {
			services.runs.cancel(id).catch((error) => printFailure(failureOf(error), `${applianceName}: cannot cancel: `))
		}
	}
	process.once("SIGINT", cancel)
	process.once("SIGTERM", cancel)
	return {
		stop() {
			process.off("SIGINT", cancel)
			process.off("SIGTERM", cancel)
		},
	}
}
