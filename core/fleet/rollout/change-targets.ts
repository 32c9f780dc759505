import type { AppliedPool, Rollout, RolloutTarget } from "../../schema/rollout.ts"

/** A rollout, or a target, in which nothing changes stays the same object: only what did is written to disk. */
export function withTargets(rollout: Rollout, change: (target: RolloutTarget) => RolloutTarget): Rollout {
	const targets = rollout.targets.map(change)
	const isSame = targets.every((target, index) => target === rollout.targets[index])
	return isSame ? rollout : { ...rollout, targets }
}

export function withApplied(
	rollout: Rollout,
	change: (applied: AppliedPool, target: RolloutTarget) => AppliedPool,
): Rollout {
	return withTargets(rollout, (target) => {
		const applied = target.applied.map((one) => change(one, target))
		return applied.some((one, index) => one !== target.applied[index]) ? { ...target, applied } : target
	})
}
