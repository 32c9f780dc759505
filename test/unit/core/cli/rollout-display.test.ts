import { afterEach, describe, expect, test, vi } from "vitest"
import { createRolloutDisplay, listLine, nextWords, previewLines } from "../../../../core/cli/rollout-display.ts"
import { startQuestion, wishQuestion } from "../../../../core/cli/rollout-questions.ts"
import type { Rollout, RolloutStatus, Standing } from "../../../../core/schema/rollout.ts"
import { defaultPolicy } from "../../../../core/schema/rollout-words.ts"
import { makeRollout } from "../fleet/rollout/rollouts.ts"

const failure = { code: "timed-out", data: { host: "b", phase: "connect" } } as const
const waiting: Standing = { state: "waiting" }
const started: Standing = { state: "started", run: "r", since: 0 }
const applied: Standing = { state: "ended", run: "r", outcome: "applied" }
const failed: Standing = { state: "ended", run: "r", outcome: "failed", failure }
const away: Standing = { state: "pending", since: 0, retryAt: 0, failure }

/** Appliances that stand so, one wave each; what was applied is the pool `web`. */
function rolloutOf(status: RolloutStatus, ...standings: Standing[]): Rollout {
	const rollout = makeRollout(standings.map((_, index) => index))
	const targets = rollout.targets.map((target, index) => {
		const standing = standings[index] ?? waiting
		return { ...target, standing, applied: standing === applied ? [{ pool: "web", run: "r" }] : [] }
	})
	return { ...rollout, status, targets }
}
const running: RolloutStatus = { state: "running" }

/** What the terminal, or the pipe, has been given. */
function play(json: boolean, ...rollouts: Rollout[]): string[] {
	const written: string[] = []
	vi.spyOn(console, "log").mockImplementation((line) => void written.push(line))
	vi.spyOn(process.stdout, "write").mockImplementation((text) => {
		written.push(String(text))
		return true
	})
	const display = createRolloutDisplay(json)
	for (const rollout of rollouts) display.show(rollout)
	display.close()
	return written
}

/** Whether the output is a terminal, so many columns wide. */
function makeTerminal(isTTY: boolean, columns = 80): void {
	vi.stubGlobal(
		"process",
		Object.create(process, { stdout: { value: Object.assign(Object.create(process.stdout), { isTTY, columns }) } }),
	)
}

afterEach(() => {
	vi.restoreAllMocks()
	vi.unstubAllGlobals()
	vi.unstubAllEnvs()
})

describe("as it goes on", () => {
	const story = [
		rolloutOf(running, started, waiting),
		rolloutOf(running, applied, started),
		rolloutOf(running, applied, failed),
		rolloutOf({ state: "paused", why: "failures" }, applied, failed),
	]

	test("each end is a line, a failure with its reason; what begins and the same again are none", () => {
		makeTerminal(false)
		expect(play(false, ...story, ...story.slice(-1))).toEqual([
			"wave 1  A  applied",
			"wave 2  B  ↩ failed",
			expect.stringMatching(/^ {4}\S.*\.$/),
			"stopped: too many appliances failed",
		])
	})

	test("a terminal has how all stand in its last line, cut to its width, and it is taken away", () => {
		makeTerminal(true, 30)
		const written = play(false, rolloutOf(running, started, waiting))
		expect(written).toEqual(["\r\x1b[K", "\r\x1b[K", "  ... wave 1 of 2: 1 running,", "\r\x1b[K"])
	})

	test("--json: an object for each appliance that stands otherwise, and for each status", () => {
		makeTerminal(false)
		const told = play(true, ...story, ...story.slice(-1)).map((line) => JSON.parse(line))
		expect(told.map(({ type, appliance, standing, status }) => [type, appliance, (standing ?? status).state])).toEqual([
			["appliance", "A", "started"],
			["rollout", undefined, "running"],
			["appliance", "A", "ended"],
			["appliance", "B", "started"],
			["appliance", "B", "ended"],
			["rollout", undefined, "paused"],
		])
		expect(told.at(-1)).toMatchObject({ rollout: "rollout", wave: 0, counts: { failed: 1, applied: 1 } })
	})

	test.each([false, true])("who is away is told once, however often it is tried again (--json: %s)", (json) => {
		makeTerminal(false)
		const retried: Standing = { state: "started", run: "r", since: 0, failure: { code: "timed-out", data: {} } }
		const lines = play(
			json,
			...[away, retried, away, retried, away, retried, applied].map((one) => rolloutOf(running, one)),
		)
		const told = lines.filter((line) => !line.includes('"type":"rollout"') && !line.startsWith("    "))
		expect(told).toEqual(["not reached|pending", "applied|ended"].map((words) => expect.stringMatching(words)))
	})

	test("halted: said once, whatever ends afterwards", () => {
		makeTerminal(false)
		const halted = (...standings: Standing[]) => rolloutOf({ state: "halted" }, ...standings)
		expect(play(false, halted(started, started), halted(applied, started), halted(applied, applied))).toEqual([
			"halted: nothing starts any more, 2 still under way",
			"wave 1  A  applied",
			"wave 2  B  applied",
		])
	})
})

test("a preview says who comes when, and a wave's limit of the wave", () => {
	makeTerminal(false)
	const budget = { wave: { percent: 50 }, whole: { count: 1 } }
	const rollout = makeRollout([0, ...Array<number>(10).fill(1)], { ...defaultPolicy, budget })
	expect(previewLines(rollout)).toEqual([
		"hotfix 1.0.0 to 11 appliances in 2 waves",
		"  wave 1 (canary): 1: A",
		"  wave 2: 10: B, C, D, E, F, G, H, I and 2 more",
		"  whole: stop after 1 failure",
		"  each wave: stop after 50 %; then the next wave begins at once",
		"  degraded: one stops it, always",
		"  not reached: not failed: tried again every 5 min, given up after 7 days; stop after 2",
		"  at once: 10 at the same time, 8 of them behind one jump host",
	])
})

test("a row of the list", () => {
	expect(listLine(rolloutOf({ state: "halted" }, applied, waiting))).toBe(
		"rollout  2026-11-28T00:00:00.000Z  hotfix 1.0.0  halted: nothing starts any more  (wave 1 of 2: 1 waiting, 1 applied)",
	)
})

test.each([
	["finished", rolloutOf({ state: "finished" }, applied), []],
	["finished, one failed", rolloutOf({ state: "finished" }, applied, failed), ["retry", "undo"]],
	["halted", rolloutOf({ state: "halted" }, applied, waiting), ["retry", "undo"]],
	["at a gate", rolloutOf({ state: "gate" }, applied, waiting), ["resume", "undo"]],
	["stopped", rolloutOf({ state: "paused", why: "failures" }, failed, waiting), ["resume", "retry", "undo"]],
	["undo stopped", rolloutOf({ state: "undo-paused", why: "person" }, applied), ["resume"]],
	["undone", rolloutOf({ state: "undone" }, failed), []],
])("%s: only what does something then is named", (_name, rollout, words) => {
	const named = [...nextWords(rollout).matchAll(/`hotfix rollout (\w+) rollout`/g)].map(([, word]) => word)
	expect(named).toEqual(words)
})

test("what could not be put back can be tried again", () => {
	const rollout = rolloutOf({ state: "undone" }, applied)
	const targets = rollout.targets.map((one) => ({
		...one,
		applied: [{ pool: "web", run: "r", undo: { state: "failed" as const } }],
	}))
	expect(nextWords({ ...rollout, targets })).toBe(
		"rollout rollout has ended\n`hotfix rollout retry rollout` tries again where putting back failed",
	)
})

test("a question says who and how many; what changes little is not asked", () => {
	const rollout = rolloutOf(running, applied, started, away, waiting)
	expect(startQuestion(rollout)).toBe("Begin hotfix 1.0.0 on 4 appliances (A, B, C, D)? [yes/no] ")
	expect(startQuestion(rolloutOf(running, waiting))).toBeUndefined()
	expect(wishQuestion(rollout, { type: "undo" })).toBe("Put back what was applied on 2 appliances (A, B)? [yes/no] ")
	expect(wishQuestion(rollout, { type: "halt" })).toBe(
		"Halt it, so that nothing starts on 2 appliances (C, D)? [yes/no] ",
	)
	for (const type of ["pause", "go-on", "retry"] as const) expect(wishQuestion(rollout, { type })).toBeUndefined()
})
