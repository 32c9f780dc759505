import { expect, test } from "vitest"
import type { RolloutTarget, Standing, Undo } from "../../../../core/schema/rollout.ts"
import {
	budgetWords,
	countStandings,
	defaultPolicy,
	goesOn,
	isSkippable,
	policyRows,
	standingWord,
	statusWords,
	summarise,
} from "../../../../core/schema/rollout-words.ts"
import { makeRollout } from "../fleet/rollout/rollouts.ts"

const failure = { code: "timed-out", data: {} } as const
const target = (standing: Standing, ...undos: (Undo | undefined)[]): RolloutTarget => ({
	...{ applianceId: "a", name: "A", wave: 0, standing },
	applied: undos.map((undo, index) => ({ pool: `p${index}`, run: "r", ...(undo && { undo }) })),
})
const ended = (outcome: "applied" | "failed" | "degraded", more = {}): Standing => ({
	state: "ended",
	run: "r",
	outcome,
	...more,
})
const undone: Undo = { state: "undone" }

test.each([
	["applied", target(ended("applied"), undefined)],
	["put back", target(ended("applied"), undone, undone)],
	["putting back", target(ended("applied"), undefined, undone)],
	["could not be put back", target(ended("applied"), { state: "failed" }, undone)],
	["degraded", target(ended("applied"), { state: "failed", isDegraded: true })],
	// What is amiss is not hidden by what was put back.
	["degraded", target(ended("degraded"), undone)],
	["connection lost", target({ state: "lost", run: "s", since: 0, failure }, undone)],
	["end unknown", target({ state: "expired", run: "s", failure }, undone)],
	["end unknown", target(ended("failed", { failure: { code: "unknown-run", data: {} } }), undone)],
	["running", target({ state: "started", run: "s", since: 0 }, undone)],
	["given up", target({ state: "expired", failure })],
	["not reached", target(ended("applied"), { state: "pending", since: 0, retryAt: 0, failure })],
])("%s", (word, one) => {
	expect(standingWord(one)).toBe(word)
	expect(countStandings([one, one])).toEqual([{ word, count: 2 }])
})

test.each([
	[[target(ended("applied"), undone)], "everything that was applied was put back"],
	[[target(ended("applied"), { state: "failed" })], "put back what was applied, but for 1 where that failed"],
	[
		[target(ended("degraded"), undone), target({ state: "expired", run: "s", failure })],
		"put back what was applied, but for 1 that is degraded, 1 of which nobody knows what was applied",
	],
])("what is said of an undoing is true", (targets, words) => {
	expect(statusWords(summarise({ ...makeRollout([0]), targets, status: { state: "undone" } }))).toBe(words)
})

test("a gate says whether anybody of the wave came to an end", () => {
	const told = (standing: Standing, wave: number) =>
		statusWords(
			summarise({
				...makeRollout([0, 1]),
				wave,
				targets: [target(standing), { ...target({ state: "waiting" }), wave: 1 }],
				status: { state: "gate" },
			}),
		)
	expect(told(ended("failed"), 0)).toBe("the wave has ended and waits for your word")
	const nobody = "nobody of the wave came to an end yet, so nothing is proved; it waits for your word"
	expect(told({ state: "pending", since: 0, retryAt: 0, failure }, 0)).toBe(nobody)
	// Somebody of a wave before proves nothing of this one.
	expect(told(ended("applied"), 1)).toBe(nobody)
})

test("one that is halted says what goes on all the same", () => {
	const started: Standing = { state: "started", run: "r", since: 0 }
	const told = (...targets: RolloutTarget[]) =>
		statusWords(summarise({ ...makeRollout([0]), targets, status: { state: "halted" } }))
	expect(told(target(ended("applied")))).toBe("halted: nothing starts any more")
	expect(told(target(started), target(started), target(ended("applied")))).toBe(
		"halted: nothing starts any more, 2 still under way",
	)
	expect(told(target(ended("applied"), { state: "started", run: "u", since: 0 }))).toContain(", 1 still under way")
})

test("limits in words: a part of a wave is of what nobody can say in numbers", () => {
	const policy = { ...defaultPolicy, budget: { wave: { count: 1, percent: 10 }, whole: { count: 1 } } }
	expect(policyRows({ ...policy, gate: { kind: "soak", seconds: 3600 } }, 200)).toEqual([
		["Whole", "stop after 1 failure"],
		["Each wave", "stop after 1 failure or 10 %, whichever comes first; then it waits 60 min"],
		["Degraded", "one stops it, always"],
		["Not reached", "not failed: tried again every 5 min, given up after 7 days; stop after 40"],
		["At once", "10 at the same time, 8 of them behind one jump host"],
	])
	expect(budgetWords({}, 200, "not reached")).toBe("never stop for not reached")
})

const again = { state: "started" as const, run: "r", since: 0, failure }

test("at a gate it goes on by itself where whoever was away may still prove the wave, unless a person is to decide", () => {
	const rollout = { ...makeRollout([0, 1]), status: { state: "gate" as const } }
	const away = target({ state: "pending", since: 0, retryAt: 0, failure })
	expect(goesOn(rollout)).toBe(false)
	const isAway = { ...rollout, targets: [away, ...rollout.targets.slice(1)] }
	expect(goesOn(isAway)).toBe(true)
	const isTried = { ...rollout, targets: [target(again), ...rollout.targets.slice(1)] }
	expect(goesOn(isTried)).toBe(true)
	for (const one of [isAway, isTried])
		expect(goesOn({ ...one, policy: { ...rollout.policy, gate: { kind: "person" } } })).toBe(false)
	expect(goesOn({ ...isTried, status: { state: "paused", why: "person" } })).toBe(true)
})

test("one that is tried again is not reached until it is heard of, and can be left out", () => {
	expect(standingWord(target(again))).toBe("not reached")
	expect(isSkippable(target(again))).toBe(true)
	const { failure: _, ...heard } = again
	expect(standingWord(target(heard))).toBe("running")
	expect(isSkippable(target(heard))).toBe(false)
	const applied = { state: "ended" as const, run: "r", outcome: "applied" as const }
	expect([target(applied, again), target(applied, heard)].map(standingWord)).toEqual(["not reached", "putting back"])
})
