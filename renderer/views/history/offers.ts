import type { DesktopRun } from "../../../core/schema/desktop.ts"
import type { PoolOutcome } from "../../../core/schema/outcome.ts"

/** What can be done with one pool of a run that is over. */
export type Action = "again" | "retry" | "revert" | "original" | "older" | "fetch"

/** What this desktop has of the run's surroundings now. */
export interface Known {
	isInFleet: boolean
	/** The module's folder. */
	folder?: string | undefined
}

/** Why each action cannot be taken, in words; none where it can. */
export function obstaclesOf(
	run: DesktopRun,
	pool: string,
	{ isInFleet, folder }: Known,
): Partial<Record<Action, string>> {
	const fleet = isInFleet ? undefined : `${run.applianceName} is not in the fleet any more.`
	const module = folder === undefined ? "The folder of this module is not known on this desktop." : undefined
	const outcome = run.pools.find((one) => one.pool === pool)?.outcome
	const all = {
		again: fleet ?? module ?? needsModule(run),
		retry:
			fleet ??
			module ??
			needsModule(run) ??
			(failedPools(run).length === 0 ? "No pool of this run failed." : undefined),
		revert:
			fleet ??
			(hasLeftFiles(run, outcome) ? undefined : "This run did not apply the pool: there is nothing of it to put back."),
		original: fleet,
		older: module,
		fetch: fleet ?? module,
	}
	return Object.fromEntries(Object.entries(all).filter(([, why]) => why !== undefined))
}

/** Whether what the pool wrote may stand there: applied, or left degraded by a run of any kind. */
function hasLeftFiles({ kind, run }: DesktopRun, outcome: PoolOutcome | undefined): boolean {
	return run !== undefined && (outcome === "degraded" || (kind === "apply" && outcome === "applied"))
}

function needsModule({ kind }: DesktopRun): string | undefined {
	return kind === "apply" || kind === "rehearse" ? undefined : "Only the run of a module can be made again."
}

/** What opens is looked at to be applied, whatever sort of run it is of. */
export function againWords({ kind }: DesktopRun): { again: string; retry: string } {
	if (kind === "rehearse") return { again: "Apply …", retry: "Apply the failed pools …" }
	return { again: "Run again …", retry: "Retry the failed pools …" }
}

/** Those that the run did not leave out: with the others, running again would do more than the run did. */
export function triedPools({ pools }: DesktopRun): string[] {
	return pools.filter(({ outcome }) => outcome !== "skipped").map(({ pool }) => pool)
}

export function failedPools({ pools }: DesktopRun): string[] {
	return pools.filter(({ outcome }) => outcome === "failed" || outcome === "degraded").map(({ pool }) => pool)
}
