import fc from "fast-check"
import { expect, test } from "vitest"
import { type Candidate, chooseCanary } from "../../../../../core/fleet/rollout/canary.ts"
import { coverAll } from "../../../../../core/fleet/rollout/cover.ts"
import type { Feature } from "../../../../../core/schema/rollout-prepare.ts"
import { reasonWords } from "../../../../../core/schema/rollout-prepare-words.ts"

const sets = fc
	.array(fc.uniqueArray(fc.nat({ max: 8 }), { maxLength: 5 }), { minLength: 1, maxLength: 10 })
	.map((all) => all.map((members) => new Set(members)))
const membersOf = (all: readonly ReadonlySet<number>[]) => new Set(all.flatMap((set) => [...set]))

/** Every choice there is, the smallest ones first. */
function sizeByForce(all: readonly ReadonlySet<number>[]): number {
	const wanted = membersOf(all).size
	let smallest = all.length
	for (let choice = 0; choice < 1 << all.length; choice++) {
		const chosen = all.filter((_, place) => choice & (1 << place))
		if (chosen.length < smallest && membersOf(chosen).size === wanted) smallest = chosen.length
	}
	return smallest
}

test("every member is covered, by as few sets as any choice needs", () => {
	fc.assert(
		fc.property(sets, (all) => {
			const { chosen, isSmallest } = coverAll(all)
			expect(membersOf(chosen.flatMap((place) => all[place] ?? []))).toEqual(membersOf(all))
			expect([chosen.length, isSmallest]).toEqual([sizeByForce(all), true])
		}),
		{ numRuns: 500 },
	)
})

test("one that is greedy only takes one set too many: the larger one hides the two that do", () => {
	const all = [new Set([1, 2, 3, 4]), new Set([1, 2, 5]), new Set([3, 4, 6]), new Set([5]), new Set([6])]
	expect(coverAll(all).chosen.sort()).toEqual([1, 2])
})

test("where the search would take too long, a choice that covers all comes soon", () => {
	let seed = 1
	const random = (below: number) => {
		seed = (seed * 48271) % 2147483647
		return seed % below
	}
	const all = Array.from(
		{ length: 2000 },
		() => new Set(Array.from({ length: 22 }, (_, file) => file * 50 + random(40))),
	)
	const begun = performance.now()
	const { chosen, isSmallest } = coverAll(all)
	expect(membersOf(chosen.flatMap((place) => all[place] ?? [])).size).toBe(membersOf(all).size)
	expect(isSmallest).toBe(false)
	expect(performance.now() - begun).toBeLessThan(5000)
})

const variant = (number: number): Feature => ({ kind: "variant", file: 0, variant: number })
const os = (name: string): Feature => ({ kind: "os", name })
const fleetOf = (...fleet: (Partial<Candidate> & { features: Feature[] })[]): Candidate[] =>
	fleet.map((one, place) => ({ place, tags: [], isReady: true, ...one }))
const placesOf = (fleet: Candidate[]) => chooseCanary(fleet).chosen.map(({ place }) => place)

test("of appliances that do as well, the one that is there to be tried on", () => {
	const features = [os("Debian 12")]
	expect(placesOf(fleetOf({ features }, { features }, { features }))).toEqual([0])
	expect(placesOf(fleetOf({ features }, { features, tags: ["Test"] }, { features }))).toEqual([1])
	expect(placesOf(fleetOf({ features }, { features, tags: ["test"] }, { features, tags: ["canary"] }))).toEqual([2])
})

test("a tag makes no wave larger", () => {
	const [a, b] = [variant(0), variant(1)]
	const fleet = fleetOf({ features: [a], tags: ["canary"] }, { features: [b], tags: ["canary"] }, { features: [a, b] })
	expect(placesOf(fleet)).toEqual([2])
})

test("nobody who cannot run now is chosen; what only such ones have is said", () => {
	const fleet = fleetOf(
		{ features: [os("Debian 12"), variant(0)], isReady: false, tags: ["canary"] },
		{ features: [os("Debian 12")] },
	)
	expect(chooseCanary(fleet)).toEqual({
		chosen: [{ place: 1, covers: [{ feature: os("Debian 12"), on: 2 }] }],
		uncovered: [{ feature: variant(0), on: 1 }],
		isSmallest: true,
	})
	expect(chooseCanary([])).toEqual({ chosen: [], uncovered: [], isSmallest: true })
})

test("why each was chosen, in words", () => {
	const files = [
		{
			destination: "/srv/auth.tsx",
			target: "auth.tsx",
			pools: ["web"],
			variants: [
				{ origin: { kind: "factory" as const }, places: [0, 1], changed: 0, written: 2 },
				{ origin: { kind: "own" as const }, places: [2], changed: 0, written: 1 },
			],
		},
	]
	const fleet = fleetOf(
		{ features: [os("Debian 12"), variant(0)] },
		{ features: [os("Debian 12"), variant(0)] },
		{ features: [os("Debian 12"), variant(1)] },
	)
	expect(chooseCanary(fleet).chosen.map(({ place, covers }) => [place, reasonWords(covers, files)])).toEqual([
		[0, "stands for 2 with auth.tsx variant 1 (as delivered: the same as on most), 3 with Debian 12"],
		[2, "the only one with auth.tsx variant 2 (changed there: other than on most)"],
	])
})
