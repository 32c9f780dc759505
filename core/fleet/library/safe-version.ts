import type { DesktopRun } from "../../schema/desktop.ts"
import { compareVersions } from "../../schema/version.ts"

/** A published version, and the digest it runs under where that is known here. */
export interface JudgedVersion {
	version: string
	digest?: string
}

/**
 * The newest published version that stands without a failure on every appliance it was applied to: the newest result of
 * each of its pools there, and the newest final closure. One that was applied nowhere, or not whole, proves nothing.
 * `runs`: newest first. `poolsOf`: the version's enabled pools; undefined where it cannot be read.
 */
export async function findLastSafe<Version extends JudgedVersion>(
	versions: Version[],
	runs: DesktopRun[],
	poolsOf: (version: Version) => Promise<readonly string[] | undefined>,
): Promise<string | undefined> {
	for (const version of [...versions].sort((a, b) => compareVersions(b.version, a.version))) {
		const appliances = safeAppliances(runs.filter((run) => isOf(run, version)))
		const pools = appliances && (await poolsOf(version))
		if (pools && appliances.every((stands) => pools.every((pool) => stands.has(pool)))) return version.version
	}
	return undefined
}

/** The same version with other content is another one: it was tried before it was published. */
function isOf({ kind, module }: DesktopRun, { version, digest }: JudgedVersion): boolean {
	if (kind !== "apply" && kind !== "revert") return false
	return module.version === version && (digest === undefined || module.digest === digest)
}

/** The pools that stand on each appliance; undefined where there is none, or one without which it is not safe. */
function safeAppliances(runs: DesktopRun[]): ReadonlySet<string>[] | undefined {
	const applied = runs.filter(({ kind, outcome }) => kind === "apply" && outcome !== undefined)
	const appliances = Map.groupBy(applied, ({ applianceId }) => applianceId)
	const hasUnknownEnd = runs.some(({ kind, run, outcome }) => kind === "apply" && run !== undefined && !outcome)
	const isReverted = runs.some(({ kind }) => kind === "revert")
	if (appliances.size === 0 || hasUnknownEnd || isReverted) return undefined
	const stand = [...appliances.values()].map(poolsThatStand)
	return stand.every((pools) => pools !== undefined) ? stand : undefined
}

/** Undefined where one of them failed, or the final closure did. */
function poolsThatStand(runs: DesktopRun[]): ReadonlySet<string> | undefined {
	const pools = new Map<string, string>()
	for (const { pool, outcome } of runs.flatMap((run) => run.pools))
		if (outcome !== undefined && outcome !== "skipped" && !pools.has(pool)) pools.set(pool, outcome)
	const closure = runs.find(({ finalClosure }) => finalClosure && finalClosure.outcome !== "not-run")?.finalClosure
	const outcomes = [...pools.values()]
	const isGood = outcomes.length > 0 && outcomes.every((outcome) => outcome === "applied" || outcome === "unchanged")
	return isGood && closure?.outcome !== "failed" ? new Set(pools.keys()) : undefined
}
