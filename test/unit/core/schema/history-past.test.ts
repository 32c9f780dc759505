import { createHash } from "node:crypto"
import { expect, test } from "vitest"
import type { HistoryRun } from "../../../../core/schema/history.ts"
import { acceptPast, comparePast, describePast, type Past, pastSchema } from "../../../../core/schema/history-past.ts"

const digestOf = (text: string) => createHash("sha256").update(text).digest("hex")

/** A chain of runs named by letters: each record is its letter and what came before. */
function chain(letters: string, from = 1): HistoryRun[] {
	let previous: string | undefined
	return [...letters].map((run, index) => {
		const digest = digestOf(`${run}${previous}`)
		const seal = { number: from + index, digest, ...(previous === undefined ? {} : { previous }) }
		previous = digest
		return { run, seal } as HistoryRun
	})
}
const seen = (letters: string) => comparePast(undefined, chain(letters), "then") as Past
const faultAfter = (past: Past | undefined, runs: HistoryRun[]) => comparePast(past, runs, "now")?.fault

test.each<[string, string, HistoryRun[], Past["fault"]]>([
	["the same", "abc", chain("abc"), undefined],
	["more", "abc", chain("abcde"), undefined],
	["told newest first", "abc", chain("abcde").reverse(), undefined],
	["the oldest tidied away", "abc", chain("abcde").slice(1), undefined],
	["all that was seen tidied away, the next one follows it", "abc", chain("abcde").slice(3), undefined],
	["far more than is told at once", "abc", chain("abcdefgh").slice(5), undefined],
	["with runs in no chain", "abc", [{ run: "x" } as HistoryRun, ...chain("abcd")], undefined],
	["the newest changed", "abc", chain("abX"), { kind: "changed", number: 3 }],
	["the newest changed, and another after it", "abc", chain("abXd"), { kind: "changed", number: 3 }],
	["all made anew", "abc", chain("xyz"), { kind: "changed", number: 3 }],
	["made anew, and only what came after is told", "abc", chain("abXde").slice(3), { kind: "changed", number: 3 }],
	[
		"an older one changed",
		"abc",
		[...chain("Xbc").slice(0, 1), ...chain("abc").slice(1)],
		{ kind: "changed", number: 1 },
	],
	["two of one number", "abc", [...chain("abc"), ...chain("abX").slice(2)], { kind: "changed", number: 3 }],
	["the end cut off", "abc", chain("ab"), { kind: "shorter", newest: 2 }],
	["the end cut off, another in its place", "abcd", chain("abX"), { kind: "shorter", newest: 3 }],
	["nothing any more", "abc", [], { kind: "shorter" }],
	["only runs in no chain", "abc", [{ run: "x" } as HistoryRun], { kind: "shorter" }],
])("%s", (_, before, now, fault) => {
	const past = seen(before)
	expect(faultAfter(past, now)).toEqual(fault)
	const after = comparePast(past, now, "now")
	expect(pastSchema.parse(JSON.parse(JSON.stringify(after)))).toEqual(after)
	// While something is wrong, what was seen stays what is compared with; when it is as it was again, all is well.
	if (fault) expect([after?.head, faultAfter(after, chain(before))]).toEqual([past.head, undefined])
	// Whatever it was, a person may say that it is well.
	expect(faultAfter(acceptPast(now, "now"), now)).toBeUndefined()
	expect(describePast({ ...past, ...(fault && { fault }) }, "alpha") === undefined).toBe(fault === undefined)
})

test("of an appliance that was never seen nothing is known, but what is wrong in itself", () => {
	expect(comparePast(undefined, [], "now")).toBeUndefined()
	const broken = [...chain("Xbc").slice(0, 1), ...chain("abc").slice(1)]
	expect(faultAfter(undefined, broken)).toEqual({ kind: "changed", number: 1 })
	const accepted = acceptPast(broken, "now")
	expect(accepted?.known).toEqual([1])
	const both = [...broken.slice(0, 2), ...chain("abXd").slice(2)]
	expect(faultAfter(accepted, both)).toEqual({ kind: "changed", number: 3 })
})
