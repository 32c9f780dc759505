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
const whole = (runs: HistoryRun[]) => ({ runs, isWhole: true })
const part = (runs: HistoryRun[]) => ({ runs, isWhole: false })
const letters = (count: number) => "abcdefghij".repeat(count / 10)
const seen = (named: string) => comparePast(undefined, whole(chain(named)), "then") as Past
const faultAfter = (past: Past | undefined, runs: HistoryRun[]) => {
	const after = comparePast(past, whole(runs), "now")
	return after === "unclear" ? after : after?.fault
}
const other = { run: "x" } as HistoryRun
const later = { run: "x", turn: 9 } as HistoryRun
/** So old that they have no turn. */
const older = Array<HistoryRun>(200).fill(other)
const without = (runs: HistoryRun[], ...numbers: number[]) =>
	runs.filter(({ seal }) => !numbers.includes(seal?.number ?? 0))

test.each<[string, string, HistoryRun[], Past["fault"]]>([
	["the same", "abc", chain("abc"), undefined],
	["more", "abc", chain("abcde"), undefined],
	["told newest first", "abc", chain("abcde").reverse(), undefined],
	["the oldest tidied away", "abc", chain("abcde").slice(1), undefined],
	["all that was seen tidied away", "abc", chain(`abc${letters(200)}`).slice(3), undefined],
	["all that was seen and more tidied away", "abc", chain(`abc${letters(210)}`).slice(9), undefined],
	["some tidied away, not all that are older", "abc", without(chain(`abc${letters(200)}`), 2), undefined],
	["with runs in no chain", "abc", [other, ...chain("abcd")], undefined],
	["so many later runs in no chain that all others were tidied away", "abc", Array(200).fill(later), undefined],
	[
		"the end cut off, with an older runner's many runs",
		"abcde",
		[...older, ...chain("abc")],
		{ kind: "shorter", newest: 3 },
	],
	[
		"one removed, with an older runner's many runs",
		"abcde",
		[...older, ...without(chain("abcde"), 4)],
		{ kind: "missing", number: 4 },
	],
	["the newest changed", "abc", chain("abX"), { kind: "changed", number: 3 }],
	["the newest changed, and another after it", "abc", chain("abXd"), { kind: "changed", number: 3 }],
	["all made anew", "abc", chain("xyz"), { kind: "changed", number: 3 }],
	["made anew, and only what came after is told", "abc", chain("abXde").slice(3), { kind: "changed", number: 3 }],
	[
		"made anew, and only what came later still is told",
		"abc",
		chain("abXdef").slice(4),
		{ kind: "missing", number: 3 },
	],
	["the newest removed, and others after it", "abc", without(chain("abcde"), 3), { kind: "missing", number: 3 }],
	["one removed among the newest", "abc", without(chain("abcdef"), 5), { kind: "missing", number: 5 }],
	[
		"one changed so that it is in no chain",
		"abcd",
		[other, ...without(chain("abcd"), 2)],
		{ kind: "missing", number: 2 },
	],
	["one removed that 199 follow", "abc", without(chain(`abc${letters(200)}`), 4), { kind: "missing", number: 4 }],
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
	["only runs in no chain", "abc", [other], { kind: "shorter" }],
])("%s", (_, before, now, fault) => {
	const past = seen(before)
	expect(faultAfter(past, now)).toEqual(fault)
	const after = comparePast(past, whole(now), "now") as Past
	expect(pastSchema.parse(JSON.parse(JSON.stringify(after)))).toEqual(after)
	// While something is wrong, what was seen stays what is compared with; when it is as it was again, all is well.
	if (fault) expect([after.head, faultAfter(after, chain(before + letters(210)))]).toEqual([past.head, undefined])
	// Whatever it was, a person may say that it is well.
	expect(faultAfter(acceptPast(whole(now), "now"), now)).toBeUndefined()
	expect(describePast({ ...past, ...(fault && { fault }) }, "alpha") === undefined).toBe(fault === undefined)
})

test.each<[string, string, HistoryRun[], "unclear" | number]>([
	["the newest and more", "abc", chain("abcde").slice(1), 5],
	["what follows the newest", "abc", chain("abcde").slice(3), 5],
	["later ones only", "abc", chain("abcdef").slice(4), "unclear"],
	["older ones only", "abcde", chain("abc"), "unclear"],
	["runs in no chain only", "abc", [other], "unclear"],
	["a gap", "abc", without(chain("abcdef"), 5), "unclear"],
	["none", "abc", [], "unclear"],
])("told in part: %s", (_, before, now, head) => {
	const after = comparePast(seen(before), part(now), "now")
	expect(after === "unclear" ? after : after?.head.number).toBe(head)
})

test("told in part, one that may be written once more joins nothing", () => {
	expect(comparePast(seen("abc"), { ...part(chain("abcd").slice(3)), unsettled: ["d"] }, "now")).toBe("unclear")
})

test("told in part, what is another one needs no more", () => {
	expect(comparePast(seen("abc"), part(chain("abXd").slice(3)), "now")).toMatchObject({ fault: { kind: "changed" } })
})

test("a fault is ended by a whole history in which what was seen has its place, never by a part", () => {
	const cut = comparePast(seen("abcde"), whole(chain("abc")), "now") as Past
	expect(cut.fault).toEqual({ kind: "shorter", newest: 3 })
	// It goes on from a backup, until its newest are all that is told first.
	expect(comparePast(cut, part(chain("abcXYZ").slice(5)), "now")).toBe(cut)
	expect(comparePast(cut, part(chain("abcde")), "now")).toBe(cut)
	expect(faultAfter(cut, chain("abcXYZ"))).toEqual({ kind: "changed", number: 5 })
	expect(faultAfter(cut, chain("abcdef"))).toBeUndefined()
	// However much came since: what was removed is not there.
	const removed = comparePast(seen("abcde"), whole(without(chain("abcdef"), 5)), "now") as Past
	expect(faultAfter(removed, chain(`abcdef${letters(210)}`).slice(9))).toEqual({ kind: "missing", number: 5 })
	expect(faultAfter(removed, chain(`abcdef${letters(210)}`).slice(4))).toBeUndefined()
})

test("what was seen never goes down, so that what is behind it could be written anew", () => {
	const [a, ...rest] = chain("abcde").map((one) => ({ ...one, run: `run-${one.seal?.number}` }))
	const past = seen("abcde")
	const unsettled = rest.map(({ run }) => run)
	const after = comparePast(past, { ...whole([a as HistoryRun, ...rest]), unsettled }, "now") as Past
	expect(after.head).toEqual(past.head)
	expect(faultAfter(after, [...chain("a"), ...chain("aBCDE").slice(1)])).toEqual({ kind: "changed", number: 5 })
})

test("a gap that a person knows of may not grow", () => {
	const accepted = acceptPast(whole(without(chain("abcdefgh"), 4)), "now") as Past
	expect(accepted.known).toEqual([4])
	expect(faultAfter(accepted, without(chain("abcdefgh"), 4))).toBeUndefined()
	expect(faultAfter(accepted, without(chain("abcdefgh"), 4, 5))).toEqual({ kind: "missing", number: 5 })
})

test("a record that may be written once more has its place, and its bytes say nothing yet", () => {
	const past = seen("abc")
	const again = [...chain("abcX").slice(0, 4), ...chain("abcde").slice(4)].map((one, index) => ({
		...one,
		run: String(index),
	}))
	expect(faultAfter(past, again)).toEqual({ kind: "changed", number: 4 })
	const after = comparePast(past, { ...whole(again), unsettled: ["3"] }, "now")
	expect(after).toMatchObject({ head: { number: 5 } })
	expect(after).not.toHaveProperty("fault")
	const newest = comparePast(past, { ...whole(chain("abcX")), unsettled: ["X"] }, "now")
	expect(newest).toMatchObject({ head: { number: 3 } })
	expect(newest).not.toHaveProperty("fault")
})

test("of an appliance that was never seen nothing is known, but what is wrong in itself", () => {
	expect(comparePast(undefined, whole([]), "now")).toBeUndefined()
	const broken = [...chain("Xbc").slice(0, 1), ...chain("abc").slice(1)]
	expect(faultAfter(undefined, broken)).toEqual({ kind: "changed", number: 1 })
	const accepted = acceptPast(whole(broken), "now")
	expect(accepted?.known).toEqual([1])
	const both = [...broken.slice(0, 2), ...chain("abXd").slice(2)]
	expect(faultAfter(accepted, both)).toEqual({ kind: "changed", number: 3 })
})
