import type { Rollout, RolloutPolicy, RolloutTarget, Standing } from "../../../../../core/schema/rollout.ts"

export const policy: RolloutPolicy = {
	waves: [{ count: 1 }, { count: 2 }],
	gate: { kind: "none" },
	atOnce: 10,
	perJump: 10,
	budget: { wave: { count: 1 }, whole: { count: 2 } },
	unreachable: { budget: { count: 3 }, retrySeconds: 60, expireSeconds: 600 },
}

/** A rollout to appliances `a`, `b`, `c` ...; `waves` says in which wave each is. */
export function makeRollout(waves: number[], changes: Partial<RolloutPolicy> = {}): Rollout {
	return {
		id: "rollout",
		module: { name: "hotfix", version: "1.0.0", digest: "0".repeat(64), folder: "/modules/hotfix" },
		force: false,
		allowDowngrade: false,
		createdAt: "2026-11-28T00:00:00.000Z",
		policy: { ...policy, ...changes },
		status: { state: "running" },
		wave: 0,
		targets: waves.map((wave, index) => target("abcdefghijklmnopqrstuvwxyz"[index] ?? `n${index}`, wave)),
		borne: [],
	}
}

function target(applianceId: string, wave: number): RolloutTarget {
	return { applianceId, name: applianceId.toUpperCase(), wave, standing: { state: "waiting" }, applied: [] }
}

/** `a:ended/failed b:waiting`. */
export function standingsOf({ targets }: Rollout): string {
	const words = (standing: Standing) => (standing.state === "ended" ? `ended/${standing.outcome}` : standing.state)
	return targets.map(({ applianceId, standing }) => `${applianceId}:${words(standing)}`).join(" ")
}

/** `running`, `paused/failures`, `gate`; while something is undone `undoing/started`: how the first pool that comes back stands. */
export function statusOf({ status, targets }: Rollout): string {
	if ("why" in status) return `${status.state}/${status.why}`
	const undo = targets.flatMap(({ applied }) => applied.toReversed().flatMap((one) => one.undo?.state ?? []))[0]
	return undo === undefined || undo === "undone" ? status.state : `${status.state}/${undo}`
}
