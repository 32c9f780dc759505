import type { DesktopRun } from "../../schema/desktop.ts"
import type { Failure, FailureCode } from "../../schema/failure.ts"
import { OWN_DATABASE } from "../services/failure-of.ts"
import { wasNeverAsked } from "../services/run-state.ts"
import type { RunEnd, UndoEnd } from "./step.ts"

/**
 * Of a run that did not start: what another attempt, later, may change by itself. Every other failure is one of what was
 * asked for, of the appliance or of trusting it, and a person's matter.
 */
const LATER: ReadonlySet<FailureCode> = new Set([
	"unreachable",
	"refused",
	"name-not-found",
	"timed-out",
	"connection-lost",
	"channel-refused",
	"jump-refused",
	"busy",
])

/** What is amiss on this desktop, and would be so with every appliance. */
const DESKTOPS: ReadonlySet<FailureCode> = new Set(["module-unreadable", "module-faulty", "changed-meanwhile"])

/** What a rollout makes of a run; undefined while nobody knows how it ended. */
export function readRunEnd(run: DesktopRun): RunEnd | undefined {
	if (wasNeverAsked(run) || isNobodysFault(run)) return { state: "not-asked" }
	if (run.state === "not-started") {
		const failure: Failure = run.failure ?? { code: "connection-lost", data: {} }
		return LATER.has(failure.code)
			? { state: "unreachable", failure }
			: { state: "ended", outcome: "failed", applied: [], failure }
	}
	if (run.state !== "finished") return undefined
	const there = run.run
	const applied =
		run.kind === "apply" && there !== undefined
			? run.pools.flatMap(({ pool, outcome }) => (outcome === "applied" ? { pool, run: there } : []))
			: []
	// The appliance knows nothing of it any more: whether it was applied nobody can tell.
	if (run.outcome === undefined)
		return { state: "ended", outcome: "failed", applied, failure: run.failure ?? { code: "unknown-run", data: {} } }
	// Each pool has proved itself, and the system as a whole has not: no more of it.
	const isSystemBroken = run.finalClosure?.outcome === "failed"
	const outcome = isSystemBroken && run.outcome !== "degraded" ? "failed" : run.outcome
	return { state: "ended", outcome, applied }
}

/** The same for a pool that was put back. */
export function readUndoEnd(run: DesktopRun): UndoEnd | undefined {
	const end = readRunEnd(run)
	if (end?.state !== "ended") return end
	if (end.outcome === "applied" || end.outcome === "unchanged") return { state: "undone" }
	const isDegraded = end.outcome === "degraded"
	return { state: "failed", ...(isDegraded && { isDegraded }), ...(end.failure && { failure: end.failure }) }
}

/** Why nothing more should be begun, where a run did not start because of this desktop. */
export function findDesktopFault({ state, failure }: DesktopRun): Failure | undefined {
	if (state !== "not-started" || !failure) return undefined
	return DESKTOPS.has(failure.code) || failure.data.path === OWN_DATABASE ? failure : undefined
}

/** It was left when this program closed, or something is amiss here. */
function isNobodysFault(run: DesktopRun): boolean {
	const isLeft = run.state === "not-started" && run.failure?.code === "cancelled" && !run.isCancelled
	return isLeft || findDesktopFault(run) !== undefined
}
