import type { Appliance } from "../../schema/appliance.ts"
import type { Runs } from "../services/runs-service.ts"
import type { UnderWay } from "./hear-runs.ts"

/** How often runs that this program does not follow are looked at, milliseconds. */
const ALONE_MS = 1000

/**
 * Sees to it that whatever is under way is followed by some program, and that lost runs are looked for every `retryMs`, also
 * where that needs a person who may have helped meanwhile.
 */
export function createFollowing(
	runs: Pick<Runs, "isFollowed" | "resume" | "revive">,
	reach: (applianceId: string) => Appliance | undefined,
	retryMs: number,
) {
	let resumedAt = Number.NEGATIVE_INFINITY
	// Times of this program: the clock may be set.
	let revivedAt = performance.now()
	return (underWay: UnderWay[]): void => {
		const at = performance.now()
		const alone = underWay.filter(({ run }) => !runs.isFollowed(run))
		if (alone.length > 0 && at - resumedAt >= ALONE_MS) {
			resumedAt = at
			runs.resume(new Map(alone.map(({ run, applianceId }) => [run, reach(applianceId)])))
		}
		if (at - revivedAt < retryMs) return
		revivedAt = at
		for (const { applianceId, isLost } of underWay) if (isLost) runs.revive(applianceId)
	}
}
