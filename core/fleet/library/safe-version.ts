import type { DesktopRun } from "../../schema/desktop.ts"
import { compareVersions } from "../../schema/version.ts"

/** A published version, and the digest it runs under where that is known here. */
export interface JudgedVersion {
	version: string
	digest?: string
}

/**
 * The newest published version that stands without a failure on every appliance it was applied to: the newest result of
 * each of its pools there, and the newest final closure. One that was applied nowhere proves nothing. `runs`: newest
 * first.
 */
export function findLastSafe(versions: JudgedVersion[], runs: DesktopRun[]): string | undefined {
	const newestFirst = [...versions].sort((a, b) => compareVersions(b.version, a.version))
	return newestFirst.find((version) => isSafe(runs.filter((run) => isOf(run, version))))?.version
}

/** The same version with other content is another one: it was tried before it was published. */
function isOf({ kind, module }: DesktopRun, { version, digest }: JudgedVersion): boolean {
	if (kind !== "apply" && kind !== "revert") return false
	return module.version === version && (digest === undefined || module.digest === digest)
}

function isSafe(runs: DesktopRun[]): boolean {
	const applied = runs.filter(({ kind, outcome }) => kind === "apply" && outcome !== undefined)
	const appliances = Map.groupBy(applied, ({ applianceId }) => applianceId)
	const hasUnknownEnd = runs.some(({ kind, run, outcome }) => kind === "apply" && run !== undefined && !outcome)
	const isReverted = runs.some(({ kind }) => kind === "revert")
	if (appliances.size === 0 || hasUnknownEnd || isReverted) return false
	return [...appliances.values()].every(standsWithoutFailure)
}

function standsWithoutFailure(runs: DesktopRun[]): boolean {
	const pools = new Map<string, string>()
	for (const { pool, outcome } of runs.flatMap((run) => run.pools))
		if (outcome !== undefined && outcome !== "skipped" && !pools.has(pool)) pools.set(pool, outcome)
	const closure = runs.find(({ finalClosure }) => finalClosure && finalClosure.outcome !== "not-run")?.finalClosure
	const outcomes = [...pools.values()]
	const isGood = outcomes.length > 0 && outcomes.every((outcome) => outcome === "applied" || outcome === "unchanged")
	return isGood && closure?.outcome !== "failed"
}
