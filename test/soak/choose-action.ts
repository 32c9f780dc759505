import type { Tree } from "../support/tree.ts"
import type { Action, Model } from "./model.ts"
import { brokenFlag, busyFlag, digestOf, markerOf, type PoolId, poolIds, sourceOf, VERSIONS } from "./modules.ts"
import type { Random } from "./random.ts"

/** The next thing to do with an appliance that has this version, or none yet. */
export function chooseAction(random: Random, model: Model, installed: number | undefined, tree: Tree): Action {
	const standing = model.standing()
	const kinds = ["up", "up", "same", "down", "rehearse", ...(standing.length > 0 ? ["revert", "original"] : [])]
	const kind = installed === undefined ? "up" : random.pick(kinds)
	if (kind === "revert" || kind === "original") {
		return { kind: "revert", pool: random.pick(standing), original: kind === "original" }
	}
	const version = chooseVersion(random, kind, installed ?? 0)
	const pools = random.chance(0.2) ? [random.pick(poolIds)] : [...poolIds]
	// A closure that fails on the files that stood there before us would fail again after the way back, and rightly so.
	const isNew = (pool: PoolId) => tree.get(markerOf(pool))?.content !== digestOf(sourceOf(markerOf(pool), version))
	const broken = poolIds.filter((pool) => isNew(pool) && random.chance(0.25))
	const busy = poolIds.filter((pool) => isNew(pool) && random.chance(0.25))
	if (kind === "rehearse") return { kind, version, pools, broken, busy }
	return { kind: "apply", version, pools, broken, busy, force: kind === "same" && random.chance(0.3) }
}

function chooseVersion(random: Random, kind: string, installed: number): number {
	const fitting = VERSIONS.filter((version) =>
		kind === "up"
			? version > installed
			: kind === "down"
				? version < installed
				: kind === "rehearse" || version === installed,
	)
	return random.pick(fitting.length > 0 ? fitting : VERSIONS)
}

export function flagsOf(action: Action): string[] {
	if (action.kind === "revert") return []
	return [...action.broken.map(brokenFlag), ...action.busy.map(busyFlag)]
}

/** For the table of a soak: what kind of round it is. */
export function nameOf(action: Action, installed: number | undefined): string {
	if (action.kind === "revert") return action.original ? "revert to the original" : "revert"
	if (action.kind === "rehearse") return "rehearse"
	if (installed === action.version) return action.force ? "apply by force" : "retry"
	return installed !== undefined && action.version < installed ? "apply older" : "apply"
}

/** The runner's command line for it. */
export function argumentsOf(action: Action, moduleFolder: (version: number) => string): string[] {
	if (action.kind === "revert") {
		return ["revert", "--pool", action.pool, ...(action.original ? ["--original"] : [])]
	}
	const { kind, version, pools } = action
	const selected = pools.length === poolIds.length ? [] : pools.flatMap((pool) => ["--pool", pool])
	const options = kind === "apply" ? ["--allow-downgrade", ...(action.force ? ["--force"] : [])] : []
	return [kind, "--module", moduleFolder(version), ...selected, ...options]
}
