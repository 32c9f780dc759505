import { describe, expect, test } from "vitest"
import { degradedSteps, type EndedPool, type Ending, endingOf, runAdvice } from "../../../../core/schema/ending.ts"
import { type Phase, phaseSchema, poolOutcomeSchema, type Reason } from "../../../../core/schema/outcome.ts"

const build = { command: "npm run build", message: "command failed with exit status 1", exit: 1 }
const ended = (more: Partial<EndedPool>): EndedPool => ({
	outcome: "failed",
	kind: "apply",
	phases: [],
	files: [],
	...more,
})
const failedIn = (phase: Phase, more: Partial<Reason> = {}) =>
	ended({ reason: { phase, message: "the disk is full", ...more } })
const AGAIN = "run again: only what is not applied is tried."

const rows: [string, EndedPool, Ending][] = [
	["applied", ended({ outcome: "applied" }), { now: "The new files are in place and the closure passed." }],
	[
		"unchanged",
		ended({ outcome: "unchanged" }),
		{ now: "It already stands applied at this version; nothing was run." },
	],
	["skipped", ended({ outcome: "skipped" }), { now: "It was not selected, or is disabled; nothing was touched." }],
	[
		"rehearsed",
		ended({ outcome: "applied", kind: "rehearse" }),
		{ now: "It passed, there and back; everything is as it was." },
	],
	[
		"nothing was touched",
		failedIn("preflight"),
		{
			now: "The appliance is as it was: nothing was touched.",
			why: "Preflight failed, the disk is full.",
			next: `Mend what is named here, on the appliance or in the module, then ${AGAIN}`,
		},
	],
	[
		"put back, but for what somebody else changed",
		failedIn("apply", { left: 2 }),
		{
			now: "The appliance is as it was before the run, but for 2 files that somebody else changed meanwhile.",
			why: "Apply failed, the disk is full.",
			back: "Everything was put back, verified against the backup; then the closure passed.",
			next: `Clear what refused the new files, then ${AGAIN}`,
		},
	],
	[
		"put back, and how many files",
		{
			...failedIn("closure", build),
			phases: [{ phase: "apply", ok: true }],
			files: [
				{ actions: ["replaced", "restored", "verified"] },
				{ actions: ["created", "removed"] },
				{ actions: ["replaced", "restored"] },
			],
		},
		{
			now: "The appliance is as it was before the run.",
			why: "Closure failed at “npm run build” with exit status 1.",
			back: "2 files put back and 1 new file removed, verified against the backup; then the closure passed.",
			next: `Read the last output below, mend the module or the appliance, then ${AGAIN}`,
		},
	],
	[
		"cancelled before anything was written",
		{ ...failedIn("apply", { message: "the run was cancelled" }), phases: [{ phase: "backup", ok: true }] },
		{
			now: "The appliance is as it was: nothing was touched.",
			why: "It was cancelled in phase “apply”.",
			next: `When you want it after all, ${AGAIN}`,
		},
	],
	[
		"cancelled in a command",
		failedIn("closure", { message: "command was cancelled", command: "sleep 9", signal: "SIGTERM" }),
		{
			now: "The appliance is as it was before the run.",
			why: "It was cancelled in phase “closure”, at “sleep 9”.",
			back: "Everything was put back, verified against the backup; then the closure passed.",
			next: `When you want it after all, ${AGAIN}`,
		},
	],
	[
		"cut off",
		failedIn("closure", { message: "the run was interrupted" }),
		{
			now: "The appliance is as it was before the run.",
			why: "The run was cut off in phase “closure”: its program or the appliance went down.",
			back: "Everything was put back, verified against the backup; then the closure passed.",
			next: `Find out why it went down (power, reboot, memory), then ${AGAIN}`,
		},
	],
	[
		"a revert that failed before it touched anything",
		{ ...failedIn("preflight"), kind: "revert" },
		{
			now: "It was not put back: what the earlier run left there still stands; nothing was touched.",
			why: "Preflight failed, the disk is full.",
			next: "Mend what is named here, on the appliance, then put it back again.",
		},
	],
	[
		"a revert that failed and was undone",
		{ ...failedIn("closure", build), kind: "revert", files: [{ actions: ["replaced", "restored"] }] },
		{
			now: "It could not be put back: what the earlier run left there still stands.",
			why: "Closure failed at “npm run build” with exit status 1.",
			back: "1 file put back, as the earlier run had left it, verified against the backup; then the closure passed.",
			next: "The closure fails on what stood before: read the last output below, mend the appliance, then put it back again.",
		},
	],
	[
		"a rehearsal is rehearsed again",
		{ ...failedIn("checks", build), kind: "rehearse" },
		{
			now: "The appliance is as it was before the run.",
			why: "Checks after failed at “npm run build” with exit status 1.",
			back: "Everything was put back, verified against the backup; then the closure passed.",
			next: "The fix did not cure what the checks look at: mend the module, publish a new version, then rehearse again.",
		},
	],
]
test.each(rows)("%s", (_, pool, ending) => expect(endingOf(pool)).toEqual(ending))

describe("degraded never sounds as if all were well, and tells how far the way back came", () => {
	const degraded = (restore?: boolean, reclosure?: boolean) =>
		endingOf(
			ended({
				outcome: "degraded",
				reason: { phase: "closure", ...build },
				phases: [
					{ phase: "restore", ok: restore },
					{ phase: "reclosure", ok: reclosure },
				],
			}),
		)
	test.each([
		[true, false, "Every file is back and verified, but the closure failed on them too"],
		[false, true, "Not everything could be put back."],
		[false, false, "Not everything could be put back."],
		[undefined, undefined, "How far the way back came is not known."],
	])("restore %s, closure after it %s", (restore, reclosure, words) => {
		const ending = degraded(restore, reclosure)
		expect(ending.back).toContain(words)
		expect(ending.now).toContain("Nobody knows")
		expect(ending.next).toContain("now")
	})
	test("what a person does by hand names backup, address and run", () => {
		const steps = degradedSteps("web", "r-1", { user: "root", host: "fe80::1", port: 2222 })
		expect(steps.map(({ copy }) => copy)).toEqual([
			undefined,
			"/var/lib/hotfix/backups/pools/web/r-1/manifest.json",
			"hotfix revert --on root@[fe80::1]:2222 --pool web --run r-1",
			undefined,
		])
		expect(steps[1]?.text).toContain("/var/lib/hotfix/backups/blobs")
		expect(degradedSteps("web", undefined, undefined).some(({ copy }) => copy !== undefined)).toBe(false)
	})
})

test("every phase says what to do next, in whole sentences", () => {
	for (const phase of phaseSchema.options) {
		const { now, why, next } = endingOf(failedIn(phase))
		for (const text of [now, why, next]) expect(text).toMatch(/^[A-Z].*\.$/)
	}
	expect(new Set(phaseSchema.options.map((phase) => endingOf(failedIn(phase)).next)).size).toBeGreaterThan(8)
	expect(endingOf(ended({})).why).toBe("No reason was told.")
})

test.each(poolOutcomeSchema.options)("a run that ended %s: advice where there is something to do", (outcome) => {
	const advice = (finalFailed: boolean) => runAdvice({ outcome, kind: "apply" }, finalFailed, "A")
	expect(advice(false) !== "").toBe(outcome === "failed" || outcome === "degraded")
	expect(advice(true) !== "").toBe(true)
})

test.each([
	["apply", `What failed is as it was before. See why below, mend the module or the appliance, and ${AGAIN}`],
	["rehearse", "What failed is as it was before. See why below, mend the module or the appliance, and rehearse again."],
	[
		"revert",
		"What the earlier run left there still stands. See why below, clear what stood in the way, and put it back again.",
	],
] as const)("the advice on a failed %s", (kind, words) => {
	expect(runAdvice({ outcome: "failed", kind }, false, "A")).toBe(words)
})

test("of a degraded revert nobody knows whether it was put back", () => {
	const { now } = endingOf(ended({ outcome: "degraded", kind: "revert" }))
	expect(now).toBe("Nobody knows for certain: it is neither verified to be as it was, nor put back.")
})
