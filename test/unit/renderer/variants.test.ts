import { expect, test } from "vitest"
import type { Comparing } from "../../../core/schema/appliance-compare.ts"
import type { StandingFile } from "../../../core/schema/appliance-files.ts"
import { compareFiles, type SeenOn, type Variant } from "../../../core/schema/variants.ts"
import {
	answersOf,
	applyComparing,
	listWords,
	progressWords,
	startComparison,
} from "../../../renderer/views/editor/appliance/comparing.ts"
import { pairsOf } from "../../../renderer/views/editor/appliance/pairs.ts"
import { accessWords, sourceWords, wordsOf } from "../../../renderer/views/editor/appliance/variant-words.ts"

const [one, other] = ["1".repeat(64), "2".repeat(64)]
const record = { module: "m", pool: "p", version: "1", run: "r", isKept: true }
const fileOf = (digest?: string, facts: { size?: number; mode?: number; owner?: string } = {}): StandingFile => ({
	...{ state: "file", size: 5, mode: 0o644, uid: 0, gid: 0, modified: "", realPath: "/x", ...facts },
	...(digest !== undefined && { digest }),
})
const variantOf = (now: StandingFile, applied: (string | undefined)[], isOurs = false): Variant => ({
	...{ key: "k", now, isOurs },
	appliances: applied.map(
		(digest, index): SeenOn => ({
			id: `${index}`,
			now,
			applied: digest === undefined ? undefined : { ...record, digest },
		}),
	),
})
const ours = { digest: other, size: 1 }

test.each<[string, { digest?: string; size?: number; isOurs?: boolean; applied: (string | undefined)[] }]>([
	["the same as our source", { digest: one, isOurs: true, applied: [one] }],
	["differs from our source, as it was applied last, 5 B", { digest: one, applied: [one, one] }],
	["differs from our source, as it was applied last on 2 of 3, 5 B", { digest: one, applied: [one, undefined, one] }],
	["differs from our source, changed since it was applied, 5 B", { digest: one, applied: [other] }],
	["differs from our source, changed since it was applied on 1 of 3, 5 B", { digest: one, applied: [one, other, one] }],
	[
		"differs from our source, changed since it was applied on 1 of 2, 5 B",
		{ digest: one, applied: [other, undefined] },
	],
	["differs from our source, never applied by us, 5 B", { digest: one, applied: [undefined, undefined] }],
	["too large to be compared by content, 200 MiB", { size: 200 * 1024 * 1024, applied: [one] }],
	["not compared by content, there was too much to read, 5 B", { applied: [one] }],
])("a variant is told as %s", (words, { digest, size = 5, isOurs = false, applied }) => {
	expect(wordsOf(variantOf(fileOf(digest, { size }), applied, isOurs), { ours, pools: ["p"] })).toBe(words)
})

test("nothing is said to differ from a source that is not there", () => {
	const variant = variantOf(fileOf(one), [undefined])
	expect(wordsOf(variant, { pools: ["p"] })).toBe("our source is missing, never applied by us, 5 B")
	expect(wordsOf(variant, { pools: [] })).toBe("never applied by us, 5 B")
})

test.each([
	["from src/x", { pools: ["p"], ours }],
	["src/x is missing", { pools: ["p"] }],
	["src/x is in no pool", { pools: [], ours }],
	["not in the module", { pools: [] }],
])("our side of a destination: %s", (words, file) => {
	expect(sourceWords({ target: "x", destination: "/x", variants: [], ...file })).toBe(words)
})

test("only what is there can be put beside each other", () => {
	const values = (...[file, variant, hasOthers]: Parameters<typeof pairsOf>) =>
		pairsOf(file, variant, hasOthers).map(({ value }) => value)
	expect(values({ ours }, variantOf(fileOf(one), [one]), true)).toEqual(["ours", "other", "applied", "both"])
	expect(values({ ours }, variantOf(fileOf(one), [undefined]), false)).toEqual(["ours"])
	expect(values({}, variantOf(fileOf(one), [undefined]), true)).toEqual(["other"])
	expect(values({ ours }, variantOf({ state: "absent" }, [one]), true)).toEqual(["both"])
	expect(values({}, variantOf(fileOf(one), [undefined]), false)).toEqual([])
})

const file = { destination: "/x", target: "x", pools: [] }
const seen = (id: string, now: StandingFile) => ({ id, seen: [{ destination: "/x", now }] })

test("variants go by content alone: the same for others' owners, one of its own without a digest", () => {
	const [compared] = compareFiles(
		[file],
		[{ target: "x", digest: other, size: 5 }],
		[
			seen("a", fileOf(one, { owner: "root" })),
			seen("b", fileOf()),
			seen("c", { state: "absent" }),
			seen("d", fileOf(one, { owner: "www" })),
			seen("e", fileOf()),
			seen("f", fileOf(other)),
		],
	)
	const variants = compared?.variants ?? []
	expect(variants.map(({ appliances }) => appliances.map(({ id }) => id).join(""))).toEqual(["ad", "b", "c", "e", "f"])
	expect(variants.map(({ isOurs }) => isOurs)).toEqual([false, false, false, false, true])
	expect(new Set(variants.map(({ key }) => key)).size).toBe(5)
	expect(variants.map(accessWords)).toEqual(["2 owners or modes", "0:0 0644", "", "0:0 0644", "0:0 0644"])
})

const items: Comparing[] = [
	{ kind: "asked", files: [file], left: 0 },
	{ kind: "seen", ...seen("c", { state: "absent" }) },
	{ kind: "failed", id: "b", failure: { code: "refused", data: {} } },
]
const now = items.reduce(applyComparing, startComparison(["a", "b", "c", "d"]))

test("a comparison as far as it is; answers stand in the order of what was chosen", () => {
	const nameOf = (id: string) => id.toUpperCase()
	expect(progressWords(now, nameOf)).toBe("1 of 4 appliances compared, waiting for A, D …")
	expect(progressWords({ ...now, state: "cancelled" }, nameOf)).toBe("1 of 4 appliances compared, not A, D.")
	const later = [seen("d", fileOf(one)), seen("a", fileOf(one))].reduce(
		(before, answer) => applyComparing(before, { kind: "seen", ...answer }),
		now,
	)
	expect(progressWords({ ...later, state: "ended" }, nameOf)).toBe("3 of 4 appliances compared.")
	expect(answersOf(later).map(({ id }) => id)).toEqual(["a", "c", "d"])
})

test("many names are cut", () => {
	expect(listWords(["a", "b"])).toBe("a, b")
	expect(listWords(["a", "b", "c", "d", "e"])).toBe("a, b, c and 2 more")
})
