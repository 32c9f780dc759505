import { describe, expect, test } from "vitest"
import { changeOf } from "../../../core/fleet/rollout/change-of.ts"
import { type RolloutEvent, step } from "../../../core/fleet/rollout/step.ts"
import type { PoolResult } from "../../../core/schema/desktop.ts"
import type { Rollout, RolloutPolicy } from "../../../core/schema/rollout.ts"
import { nowWords } from "../../../core/schema/rollout-now.ts"
import { groupFailures, groupUnreachable } from "../../../core/schema/rollout-reasons.ts"
import { isSkippable, secondsWords, summarise, wavesOf } from "../../../core/schema/rollout-words.ts"
import { applyRolloutChange, type RolloutView, unreadRuns } from "../../../renderer/stores/rollout-view.ts"
import { sliceCourse } from "../../../renderer/views/rollout/course.ts"
import { toneOf } from "../../../renderer/views/rollout/tone.ts"
import { offersOf, skipOf } from "../../../renderer/views/rollout/wishes.ts"
import { aboutWords, expectedMs, laneWords, needsPerson } from "../../../renderer/views/rollout/words.ts"
import { rolloutEndingsOf } from "../../../renderer/views/shell/notify/rollout-endings.ts"
import { makeRollout } from "../core/fleet/rollout/rollouts.ts"

/** A rollout played by the machine's own rules: `a:applied`, `b:failed`, `c:away`, `d:go` (begun), or a person's word. */
function play(begun: Rollout, story: string): Rollout {
	let now = step(begun, { type: "tick" }, 0)
	for (const word of story.split(" ").filter(Boolean)) for (const event of eventsOf(word)) now = step(now, event, 0)
	return now
}

function eventsOf(word: string): RolloutEvent[] {
	const [applianceId = "", what] = word.split(":")
	if (what === undefined) return [{ type: word as "pause" | "go-on" | "halt" | "retry" | "undo" }]
	const run = `run ${applianceId}`
	const begin: RolloutEvent = { type: "started", runs: [{ applianceId, run }] }
	if (what === "go") return [begin]
	if (what === "away") {
		const failure = { code: "timed-out", data: { host: applianceId, phase: "connect" } } as const
		return [begin, { type: "run-ended", run, end: { state: "unreachable", failure } }]
	}
	const outcome = what as "applied" | "failed" | "degraded"
	const applied = outcome === "applied" ? [{ pool: "web", run }] : []
	return [begin, { type: "run-ended", run, end: { state: "ended", outcome, applied } }]
}

const loose: Partial<RolloutPolicy> = {
	budget: { wave: {}, whole: {} },
	unreachable: { budget: {}, retrySeconds: 1, expireSeconds: 9 },
}
const person: Partial<RolloutPolicy> = { ...loose, gate: { kind: "person" } }

function viewOf(rollout: Rollout, ends: readonly number[] = []): RolloutView {
	const { targets, ...head } = rollout
	return { head, targets, ends }
}

describe("changes", () => {
	const follow = (states: Rollout[], at = (index: number) => index * 1000) =>
		states.reduce<RolloutView | undefined>((view, rollout, index) => {
			const before = states[index - 1]
			const change = before ? changeOf(before, rollout) : { type: "whole" as const, rollout }
			return change ? applyRolloutChange(view, change, at(index)) : view
		}, undefined)

	test("step after step it is what the services have, and who did not change stays the same object", () => {
		const first = play(makeRollout([0, 1, 1], loose), "a:go")
		const second = play(makeRollout([0, 1, 1], loose), "a:applied b:failed")
		const view = follow([first, second])
		const { targets, ...head } = second
		expect(view).toMatchObject({ head, targets })
		expect(view?.targets[2]).toBe(first.targets[2])
	})
	test("the pace is of one wave that goes on: neither a pause nor another wave is in it", () => {
		const stories = ["a:applied", "a:applied b:applied", "a:applied b:applied c:applied"]
		const states = ["", ...stories].map((story) => play(makeRollout([0, 0, 0, 0], loose), story))
		expect(follow(states)?.ends).toEqual([1000, 2000, 3000])
		expect(follow([...states, play(makeRollout([0, 0, 0, 0], loose), `${stories[2]} pause`)])?.ends).toEqual([])
		const waves = ["", "a:applied", "a:applied b:applied"].map((story) => play(makeRollout([0, 1, 1], loose), story))
		expect(follow(waves)?.ends).toEqual([2000])
	})
	test("a step before the whole, and one that names another appliance, change nothing", () => {
		const { targets, ...head } = play(makeRollout([0], loose), "")
		const other = { position: 0, target: { ...targets[0], applianceId: "other" } as Rollout["targets"][number] }
		expect(applyRolloutChange(undefined, { type: "step", head, targets: [] }, 0)).toBeUndefined()
		const view = viewOf({ ...head, targets })
		expect(applyRolloutChange(view, { type: "step", head, targets: [other] }, 0)?.targets).toEqual(targets)
	})
	test("only ended runs of which nothing is known are read", () => {
		const { targets } = play(makeRollout([0, 0, 0], loose), "a:applied b:failed c:go")
		expect(unreadRuns(targets, new Map([["run a", []]]))).toEqual(["run b"])
		expect(wavesOf(play(makeRollout([0, 1, 1]), "").targets).map((wave) => wave.length)).toEqual([1, 2])
	})
})

describe("words", () => {
	const now: [string, Rollout, string][] = [
		[
			"running",
			play(makeRollout([0, 1, 1, 1], loose), "a:applied b:go c:away"),
			"Wave 2 of 2: 1 at work, 1 to come, 1 not reached now and tried again.",
		],
		[
			"at a gate",
			play(makeRollout([0, 0, 1], person), "a:applied b:failed"),
			"It waits for you: wave 1 has ended, 1 failed, 1 applied.",
		],
		[
			"where nothing is proved",
			play(makeRollout([0, 1], person), "a:away"),
			"It waits for you: nobody of wave 1 came to an end (1 not reached), so nothing is proved.",
		],
		["paused by a person", play(makeRollout([0, 0], loose), "a:go pause"), "Paused. 1 appliance still at work."],
		["stopped", play(makeRollout([0, 0]), "a:failed"), "Stopped: too many appliances failed. Nothing is under way."],
		["halted", play(makeRollout([0, 0], loose), "halt"), "Halted: nothing starts any more."],
		["finished", play(makeRollout([0, 0], loose), "a:applied b:applied"), "Finished: 2 applied."],
		[
			"putting back",
			play(makeRollout([0, 0], loose), "a:applied b:applied undo"),
			"Putting back what was applied: 0 of 2 done.",
		],
	]
	test.each(now)("%s", (_name, rollout, words) => expect(nowWords(viewOf(rollout))).toBe(words))

	test("a person is needed at a gate and where it stopped by itself, not where a person paused it", () => {
		const needs = (rollout: Rollout) => needsPerson(rollout)
		expect(now.map(([, rollout]) => needs(rollout))).toEqual([false, true, true, false, true, false, false, false])
	})
	test("how long: at the pace of now, to the next gate of a person; nothing where that would be a guess", () => {
		const ends = [0, 1000, 2000, 3000, 4000]
		const running = makeRollout([0, 0, 1, 1, 1], loose)
		expect(expectedMs(viewOf(running, ends))).toBe(5000)
		expect(expectedMs(viewOf({ ...running, policy: { ...running.policy, gate: { kind: "person" } } }, ends))).toBe(2000)
		expect(
			expectedMs(viewOf({ ...running, policy: { ...running.policy, gate: { kind: "soak", seconds: 60 } } }, ends)),
		).toBe(65_000)
		expect(expectedMs(viewOf(running, ends.slice(1)))).toBeUndefined()
		expect(expectedMs(viewOf(running, [7, 7, 7, 7, 7]))).toBeUndefined()
		expect(expectedMs(viewOf({ ...running, status: { state: "halted" } }, ends))).toBeUndefined()
	})
	test.each([
		[1, "about 10 s"],
		[41_000, "about 50 s"],
		[14.2 * 60_000, "about 14 min"],
		[3 * 3_600_000, "about 3 h"],
	])("%i ms: %s", (milliseconds, words) => expect(aboutWords(milliseconds)).toBe(words))
	test.each([
		[90, "90 s"],
		[300, "5 min"],
		[7200, "2 h"],
		[7 * 86_400, "7 days"],
	])("%i s: %s", (seconds, words) => expect(secondsWords(seconds)).toBe(words))
})

describe("what can be asked", () => {
	const offers: [string, Rollout, string[]][] = [
		["running", play(makeRollout([0, 0], loose), "a:go"), ["Pause", "Halt"]],
		[
			"running, one failed and one applied",
			play(makeRollout([0, 0, 0], loose), "a:failed b:applied"),
			["Pause", "Retry 1", "Halt", "Put back"],
		],
		["at a gate", play(makeRollout([0, 1], person), "a:applied"), ["Begin wave 2", "Halt", "Put back"]],
		["stopped", play(makeRollout([0, 0]), "a:failed"), ["Go on", "Retry 1", "Halt"]],
		["stopped, degraded", play(makeRollout([0, 0]), "a:degraded"), ["Go on", "Halt"]],
		["halted", play(makeRollout([0, 0], loose), "halt"), ["Retry"]],
		["finished", play(makeRollout([0], loose), "a:applied"), ["Put back"]],
		["putting back", play(makeRollout([0], loose), "a:applied undo"), ["Pause"]],
		["putting back, paused", play(makeRollout([0], loose), "a:applied undo pause"), ["Go on putting back"]],
	]
	test.each(offers)("%s", (_name, rollout, labels) =>
		expect(offersOf(viewOf(rollout)).map(({ label }) => label)).toEqual(labels),
	)
	test.each(offers)("%s: what is offered is what the machine does then", (_name, rollout) => {
		for (const { wish } of offersOf(viewOf(rollout))) expect(step(rollout, wish, 0)).not.toEqual(rollout)
	})
	test("going on says what it accepts; only a pause is done without a question", () => {
		const rollout = play(makeRollout([0, 0, 0, 1], person), "a:applied b:failed c:away")
		const [first] = offersOf(viewOf(rollout))
		expect(first?.confirm?.text).toBe(
			"hotfix 1.0.0 goes to 1 more appliance. You accept 1 that failed and 1 away or unknown: they count towards the limits no more.",
		)
		const asked = offers.flatMap(([, rollout]) => offersOf(viewOf(rollout)))
		expect(new Set(asked.filter(({ confirm }) => !confirm).map(({ wish }) => wish.type))).toEqual(new Set(["pause"]))
	})
	test("who has begun cannot be skipped", () => {
		const { targets } = play(makeRollout([0, 0, 0, 0], loose), "a:go b:applied c:away")
		expect(targets.map(isSkippable)).toEqual([false, false, true, true])
	})
})

describe("why, and when", () => {
	const { targets } = play(makeRollout([0, 0, 0, 0, 0], loose), "a:failed b:failed c:failed d:away e:applied")
	const result = (applianceId: string, output: string): [string, PoolResult[]] => [
		`run ${applianceId}`,
		[
			{
				...{ runId: `run ${applianceId}`, pool: "web", applianceId, applianceName: applianceId, moduleName: "hotfix" },
				...{ moduleVersion: "1.0.0", kind: "apply", outcome: "failed", durationMs: 1 },
				finishedAt: new Date(1000 * applianceId.charCodeAt(0)).toISOString(),
				reason: { phase: "closure", message: "failed", command: "true", exit: 1, output },
			},
		],
	]
	const results = new Map([result("a", "port 80 in use"), result("b", "port 443 in use"), ["run c", []] as const])

	test("failures that differ in numbers are one cause; those away have not failed", () => {
		const told = (groups: ReturnType<typeof groupFailures>) =>
			groups.map(({ cause, targets }) => `${targets.map(({ applianceId }) => applianceId).join()}: ${cause}`)
		expect(told(groupFailures(targets, results))).toEqual([
			"a,b: closure: `true`, exit 1: port … in use",
			"c: no reason was told",
		])
		expect(told(groupUnreachable(targets))).toEqual(["d: The appliance did not answer."])
	})
	test("the course: from the beginning to the last end, in equal pieces; a clock that is off is held within", () => {
		const slices = sliceCourse(targets, results, 97_500, 97_800)
		expect(slices).toHaveLength(40)
		expect(slices.map(({ bad }) => bad).filter(Boolean)).toEqual([1, 1])
		expect(slices[0]).toMatchObject({ start: 97_500, bad: 1, done: 1 })
		expect(slices.at(-1)).toMatchObject({ start: 97_792.5, bad: 1, done: 2 })
		expect(sliceCourse(targets, new Map(), 0, 1)).toEqual([])
	})
})

describe("notices", () => {
	const at = (story: string, policy = person) => [summarise(play(makeRollout([0, 1], policy), story))]
	test.each([
		["the end of a wave", "a:go", "a:applied", "hotfix 1.0.0: The wave has ended and waits for your word."],
		["the end", "a:applied go-on b:go", "a:applied go-on b:applied", "hotfix 1.0.0: Finished."],
		["the same state again", "a:applied", "a:applied", undefined],
		["a person's own pause", "a:go", "a:go pause", undefined],
		["a person's own halt", "a:go", "a:go halt", undefined],
	])("%s", (_name, before, now, title) =>
		expect(rolloutEndingsOf(at(before), at(now)).map((one) => one.title)).toEqual(title === undefined ? [] : [title]),
	)
	test("what was so before the page was opened is no news", () => {
		expect(rolloutEndingsOf([], at("a:applied"))).toEqual([])
	})
})

describe("how much it wants a person", () => {
	const told = (rollout: Rollout, standing?: Rollout["targets"][number]["standing"]) => {
		const { head, targets } = viewOf(rollout)
		return toneOf({ head, targets: standing ? targets.map((target) => ({ ...target, standing })) : targets })
	}
	const failure = { code: "timed-out", data: { host: "a", phase: "connect" } } as const
	const finished = { ...makeRollout([0, 0], loose), status: { state: "finished" } } as const
	test.each([
		["", "live"],
		["a:applied b:failed", "live"],
		["a:applied b:applied c:applied", "good"],
		["a:applied b:failed c:applied", "warn"],
		["a:degraded", "bad"],
		["a:degraded go-on", "bad"],
		["a:degraded go-on b:applied c:applied", "bad"],
		["a:degraded halt", "bad"],
		["halt", "mute"],
	])("%j: %s", (story, tone) => expect(told(play(makeRollout([0, 0, 0], loose), story))).toBe(tone))
	test.each<[Rollout["targets"][number]["standing"], string]>([
		[{ state: "expired", failure }, "warn"],
		[{ state: "expired", run: "r", failure }, "warn"],
		[{ state: "pending", since: 0, retryAt: 1, failure }, "warn"],
		[{ state: "lost", run: "r", since: 0, failure }, "warn"],
		[{ state: "ended", run: "r", outcome: "unchanged" }, "good"],
	])("finished, and all of them are %j: %s", (standing, tone) => expect(told(finished, standing)).toBe(tone))
})

describe("how a wave stands", () => {
	const lanes = (rollout: Rollout) =>
		wavesOf(rollout.targets).map((ofWave, wave) => laneWords(viewOf(rollout).head, ofWave, wave))
	const waves = [0, 1, 2]
	test.each<[string, Rollout, string[]]>([
		["under way", play(makeRollout(waves, loose), "a:applied"), ["ended", "under way", "to come"]],
		[
			"one of before is still tried",
			play(makeRollout([0, 0, 1], loose), "a:applied b:away"),
			["passed, 1 still tried", "under way"],
		],
		["halted", play(makeRollout(waves, loose), "a:applied halt"), ["ended", "stopped", "not begun"]],
		["being undone", play(makeRollout(waves, loose), "a:applied undo"), Array(3).fill("being put back as a whole")],
		[
			"the undoing paused",
			play(makeRollout(waves, loose), "a:applied undo pause"),
			Array(3).fill("putting back is stopped"),
		],
		["undone", play(makeRollout(waves, loose), "undo"), Array(3).fill("putting back has ended")],
	])("%s", (_, rollout, words) => expect(lanes(rollout)).toEqual(words))
})

describe("what is asked before it is done", () => {
	const textOf = (rollout: Rollout, label: string) =>
		offersOf(viewOf(rollout)).find((offer) => offer.label === label)?.confirm?.text
	const [one, two] = play(makeRollout([0, 0], loose), "").targets as [
		Rollout["targets"][number],
		Rollout["targets"][number],
	]
	const failure = { code: "timed-out", data: { host: "a", phase: "connect" } } as const
	test("those given up or unknown are not called unreachable", () => {
		const paused = play(makeRollout([0, 0], loose), "pause")
		const targets = paused.targets.map((target) => ({
			...target,
			standing: { state: "expired", run: "r", failure } as const,
		}))
		expect(textOf({ ...paused, targets }, "Go on")).toContain("You accept 2 away or unknown:")
		expect(textOf({ ...paused, targets }, "Retry 2")).toContain("2 appliances that failed or were given up")
	})
	test("skipping says what is true of one, of many, and of a lost one", () => {
		const lost = { ...one, standing: { state: "lost", run: "r", since: 0, failure } as const }
		expect(skipOf([one]).confirm?.text).toBe(
			"This rollout leaves it out: nothing more begins there, and it is waited for no more.",
		)
		expect(skipOf([one, two]).confirm?.text).toContain("leaves them out: nothing more begins there, and they are")
		expect(skipOf([lost]).confirm?.text).toContain("The connection to it was lost during a run")
		expect(skipOf([lost, two]).confirm?.text).toContain("The connection to 1 appliance was lost during a run")
	})
})
