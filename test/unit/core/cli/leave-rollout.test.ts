import { expect, test } from "vitest"
import { createLeaving } from "../../../../core/cli/leave-rollout.ts"
import type { Rollout, RolloutStatus, RolloutTarget, Standing } from "../../../../core/schema/rollout.ts"
import { makeRollout } from "../fleet/rollout/rollouts.ts"

const failure = { code: "timed-out", data: {} } as const
const running: RolloutStatus = { state: "running" }
const waiting: Standing = { state: "waiting" }
const started: Standing = { state: "started", run: "r", since: 0 }
const retried: Standing = { ...started, failure }
const applied: Standing = { state: "ended", run: "r", outcome: "applied" }
const lost: Standing = { state: "lost", run: "r", since: 0, failure }
const awayUntil = (retryAt: number): Standing => ({ state: "pending", since: 0, retryAt, failure })
const away = awayUntil(60_000)

function rolloutOf(status: RolloutStatus, ...standings: Standing[]): Rollout {
	const rollout = makeRollout(standings.map(() => 0))
	return {
		...rollout,
		status,
		targets: rollout.targets.map((one, index) => ({ ...one, standing: standings[index] ?? waiting })),
	}
}

test.each<[string, boolean, Rollout]>([
	["somebody is under way", false, rolloutOf(running, started, away)],
	["somebody is still to come", false, rolloutOf(running, waiting, away)],
	["those who are away are due", false, rolloutOf(running, applied, awayUntil(0))],
	["they are being tried", false, rolloutOf(running, applied, retried)],
	["they were tried", true, rolloutOf(running, applied, away)],
	["a run is lost", true, rolloutOf(running, applied, lost)],
	["the whole wave is away", true, rolloutOf({ state: "gate" }, away)],
	["the next wave begins by itself", false, rolloutOf({ state: "gate", until: 9000 }, applied, away)],
])("%s: left: %s", (_, isLeft, rollout) => expect(createLeaving()(rollout, 1000)).toBe(isLeft))

test("where some are always being tried it is left after as long as there is between two attempts", () => {
	const isToLeave = createLeaving()
	const trying = rolloutOf(running, applied, retried, away)
	expect([0, 59_000].map((at) => isToLeave(trying, at))).toEqual([false, false])
	expect(isToLeave(rolloutOf(running, started, away), 59_500)).toBe(false)
	// Whoever waits for room is to come.
	const full = { ...rolloutOf(running, waiting, retried), policy: { ...trying.policy, atOnce: 1 } }
	const isFullToLeave = createLeaving()
	expect([0, 90_000].map((at) => isFullToLeave(full, at))).toEqual([false, false])
	expect([60_000, 119_000, 120_000].map((at) => isToLeave(trying, at))).toEqual([false, false, true])
})

test("putting back: those who are away, when all the others were put back", () => {
	const undoing = (...undos: RolloutTarget["applied"][number]["undo"][]): Rollout => {
		const rollout = rolloutOf({ state: "undoing" }, ...undos.map(() => applied))
		const targets = rollout.targets.map((one, index) => {
			const undo = undos[index]
			return { ...one, applied: [{ pool: "web", run: "r", ...(undo && { undo }) }] }
		})
		return { ...rollout, targets }
	}
	const tried = { state: "pending", since: 0, retryAt: 60_000, failure } as const
	expect(createLeaving()(undoing({ state: "undone" }, undefined), 1000)).toBe(false)
	expect(createLeaving()(undoing({ state: "started", run: "u", since: 0 }, tried), 1000)).toBe(false)
	expect(createLeaving()(undoing({ state: "undone" }, tried), 1000)).toBe(true)
})
