import { describe, expect, test } from "vitest"
import { type Phase, phaseSchema, poolOutcomeSchema, type Reason } from "../../../../core/schema/outcome.ts"
import {
	finalClosureSentence,
	outcomeSentence,
	phaseName,
	reasonText,
} from "../../../../core/schema/outcome-sentences.ts"

const reason = (phase: Phase, more: Partial<Reason> = {}): Reason => ({
	phase,
	message: "the owner is unknown",
	...more,
})
const build = { command: "npm run build", exit: 1 }

test("every phase has a name of its own", () => {
	expect(new Set(phaseSchema.options.map(phaseName)).size).toBe(phaseSchema.options.length)
})

test.each(poolOutcomeSchema.options)("%s is one sentence, with a reason and without", (outcome) => {
	for (const text of [outcomeSentence(outcome), outcomeSentence(outcome, reason("closure", build))]) {
		expect(text).toMatch(/^[A-Z][^.]*\.$/)
		expect(text).not.toContain("undefined")
	}
})

describe("a failed pool says whether anything was touched", () => {
	test.each(phaseSchema.options)("%s", (phase) => {
		const untouched = ["preflight", "baseline", "backup"].includes(phase)
		expect(outcomeSentence("failed", reason(phase)).startsWith("Nothing was touched")).toBe(untouched)
		expect(outcomeSentence("failed", reason(phase)).startsWith("Everything was put back")).toBe(!untouched)
	})
})

test.each([
	["applied", "What stood before is back and the closure passed."],
	[
		"failed",
		"It could not be put back; what the earlier run left there still stands, but for a file that somebody else changed meanwhile: closure failed at “npm run build” with exit status 1.",
	],
	[
		"degraded",
		"It is neither put back nor as it stood, so a person must look; the backup is kept: closure failed at “npm run build” with exit status 1.",
	],
	["unchanged", outcomeSentence("unchanged")],
	["skipped", outcomeSentence("skipped")],
] as const)("a revert that ended %s never sounds like another one", (outcome, words) => {
	expect(outcomeSentence(outcome, reason("closure", { ...build, left: 1 }), "revert")).toBe(words)
})

const reasons: [Reason | undefined, string][] = [
	[undefined, "no reason was told"],
	[reason("preflight"), "preflight failed, the owner is unknown"],
	[reason("closure", build), "closure failed at “npm run build” with exit status 1"],
	[
		reason("closure", { command: "sleep 9", timedOut: true, signal: "SIGKILL" }),
		"closure failed at “sleep 9” because its time was up",
	],
	[reason("checks", { command: "x", signal: "SIGSEGV" }), "checks after failed at “x”, ended by SIGSEGV"],
	[reason("reclosure", { command: "a\n\x1b[2Jb" }), "closure after restore failed at “a\\nb”"],
]
test.each(reasons)("%j", (value, text) => expect(reasonText(value)).toBe(text))

test("the final closure is one sentence however it ended", () => {
	expect(finalClosureSentence({ outcome: "passed" })).toBe("The final closure passed: the system as a whole works.")
	expect(finalClosureSentence({ outcome: "not-run" })).toBe("The final closure did not run.")
	expect(finalClosureSentence({ outcome: "not-run", why: "a pool\nfailed" })).toBe(
		"The final closure did not run: a pool\\nfailed.",
	)
	expect(finalClosureSentence({ outcome: "failed", reason: reason("final-closure", build) })).toBe(
		"The final closure failed, nothing was rolled back for it: final closure failed at “npm run build” with exit status 1.",
	)
})
