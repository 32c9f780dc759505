import type { Rollout, RolloutChange } from "../../schema/rollout.ts"

/** What became different from one state of a rollout to a later one; undefined for nothing. */
export function changeOf(before: Rollout, after: Rollout): RolloutChange | undefined {
	if (before === after) return undefined
	const { targets: targetsBefore, ...headBefore } = before
	const { targets: all, ...head } = after
	const targets = all.flatMap((target, position) =>
		isSame(targetsBefore[position], target) ? [] : [{ position, target }],
	)
	return targets.length === 0 && isSame(headBefore, head) ? undefined : { type: "step", head, targets }
}

/** Within one program what did not change is the very same object. */
function isSame(a: unknown, b: unknown): boolean {
	return a === b || JSON.stringify(a) === JSON.stringify(b)
}
