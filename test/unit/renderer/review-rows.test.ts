import { expect, test } from "vitest"
import type { ReviewPlan } from "../../../core/schema/plan.ts"
import type { PlanState } from "../../../renderer/stores/workspace.ts"
import { aboutWords, expectedWords, makeReviewRows, reviewWords } from "../../../renderer/views/run/review-rows.ts"

const digest = (letter: string) => letter.repeat(64)
const operation = {
	destination: "/srv/a",
	target: "a",
	change: "replace",
	drift: "ours",
	sizeAfter: 1,
	makes: [],
	faults: [],
} as const

function made(change: Partial<ReviewPlan> = {}, pool: object = {}, file: object = {}): PlanState {
	const one = { pool: "web", would: "apply", warnings: [], operations: [{ ...operation, ...file }], ...pool }
	const plan = {
		module: { name: "m", version: "1", digest: digest("0") },
		interrupted: [],
		pools: [one],
		findings: [],
		space: { neededBytes: 1, freeBytes: 2 },
		digest: digest("a"),
		...change,
	}
	return { state: "made", plan: plan as unknown as ReviewPlan }
}

const plans: Record<string, PlanState> = {
	calm: made(),
	calm2: made(),
	asked: { state: "planning" },
	warned: made({ digest: digest("b") }, { warnings: ["w"] }),
	drifted: made({ digest: digest("c") }, {}, { drift: "changed" }),
	failed: { state: "failed", error: new Error("unreachable") },
	refused: made({ digest: digest("d"), refusal: "no" }),
	blocked: made({ digest: digest("e") }, { would: "fail-preflight" }),
	short: made({ digest: digest("f"), space: { neededBytes: 2, freeBytes: 1 } }),
}
const appliances = Object.keys(plans).map((id) => ({ id, name: id.toUpperCase() }))

test("what needs a look first is on top, the others keep their order", () => {
	const rows = makeReviewRows([...appliances, { id: "other", name: "not chosen" }], plans, [])
	expect(rows.map(({ id }) => id)).toEqual([
		...["failed", "refused", "blocked", "short"],
		...["drifted", "warned", "calm", "calm2", "asked"],
	])
	expect(rows.find(({ id }) => id === "calm")).toMatchObject({ alike: 1, drift: [], warnings: 0, blocked: 0 })
	expect(rows.find(({ id }) => id === "drifted")).toMatchObject({ alike: 0, drift: ["/srv/a"] })
	expect(rows.find(({ id }) => id === "blocked")).toMatchObject({ blocked: 1 })
	expect(rows.find(({ id }) => id === "short")).toMatchObject({ isShort: true })
})

test("what was changed and is not written is no drift", () => {
	const drift = (pool: object, file: object) =>
		makeReviewRows([{ id: "a", name: "a" }], { a: made({}, pool, { drift: "changed", ...file }) }, [])[0]?.drift
	expect(drift({}, {})).toEqual(["/srv/a"])
	expect(drift({ would: "skip" }, {})).toEqual([])
	expect(drift({ would: "unchanged" }, {})).toEqual([])
	expect(drift({}, { change: "unchanged" })).toEqual([])
})

test("how long it takes counts what would be applied only", () => {
	const durations = [{ run: "r", applianceId: "a", pool: "web", durationMs: 40_000 }]
	const expected = (pool: object) =>
		makeReviewRows([{ id: "a", name: "a" }], { a: made({}, pool) }, durations)[0]?.expected
	expect(expected({})).toEqual({ milliseconds: 40_000, runs: 1 })
	expect(expected({ would: "unchanged" })).toBeUndefined()
})

test("the review in words", () => {
	const rows = makeReviewRows(appliances, plans, [])
	expect(reviewWords(rows)).toBe("8 of 9 answered")
	expect(reviewWords(rows.filter(({ id }) => id !== "asked"))).toBe(
		"8 appliances: 4 would not run as they should, 1 changed by somebody, 1 with warnings, 2 without a doubt",
	)
})

test.each([
	[400, "under 1 s"],
	[1_499, "about 1 s"],
	[40_200, "about 40 s"],
	[59_600, "about 1 min 00 s"],
	[185_000, "about 3 min 05 s"],
])("%i ms: %s", (milliseconds, words) => {
	expect(aboutWords({ milliseconds, runs: 6 })).toBe(words)
	expect(expectedWords({ milliseconds, runs: 6 })).toBe(`${words} (from 6 runs)`)
})

test("nothing to conclude from is said", () => {
	expect(expectedWords(undefined)).toBe("no run to go by")
})
