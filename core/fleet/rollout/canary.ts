import type { Canary, Feature, FeatureOn, PreparedFile } from "../../schema/rollout-prepare.ts"
import { coverAll } from "./cover.ts"

/** Tags of appliances that are there to be tried on, the better ones first. */
const TRIAL_TAGS = ["canary", "test"]

/** An appliance that was looked at. */
export interface Candidate {
	place: number
	tags: readonly string[]
	/** Whether a run could begin there now. */
	isReady: boolean
	features: readonly Feature[]
}

/** In which variants each appliance has the destinations, and what it runs on. */
export function featuresOf(
	files: readonly PreparedFile[],
	systems: ReadonlyMap<number, { os: string; node: string }>,
): Map<number, Feature[]> {
	const features = new Map<number, Feature[]>()
	for (const [place, { os, node }] of systems)
		features.set(place, [
			{ kind: "os", name: os },
			{ kind: "node", name: node },
		])
	for (const [file, { variants }] of files.entries())
		for (const [variant, { places }] of variants.entries())
			for (const place of places) features.get(place)?.push({ kind: "variant", file, variant })
	return features
}

/**
 * The smallest first wave in which every variant of the fleet occurs, of those that are ready. Of two that do as well the
 * one with a tag for it is taken, then the first one of the fleet.
 */
export function chooseCanary(fleet: readonly Candidate[]): Canary {
	const { numbers, on } = numberFeatures(fleet)
	const ready = fleet.filter(({ isReady }) => isReady).sort((a, b) => rankOf(a) - rankOf(b) || a.place - b.place)
	const sets = ready.map(({ features }) => new Set(features.map((feature) => numbers.get(keyOf(feature)) ?? -1)))
	const { chosen, isSmallest } = coverAll(sets)
	const reach = (place: number) => [...(sets[place] ?? [])].reduce((sum, number) => sum + (on[number]?.on ?? 0), 0)
	const ordered = chosen.sort((a, b) => reach(b) - reach(a) || a - b)
	const covered = new Set<number>()
	const take = (place: number): FeatureOn[] => {
		const fresh = [...(sets[place] ?? [])].filter((number) => !covered.has(number))
		for (const number of fresh) covered.add(number)
		return rarestFirst(on, fresh)
	}
	return {
		chosen: ordered.map((place) => ({ place: ready[place]?.place ?? 0, covers: take(place) })),
		uncovered: rarestFirst(
			on,
			[...on.keys()].filter((number) => !covered.has(number)),
		),
		isSmallest,
	}
}

/** Each feature's number, and on how many appliances it is. */
function numberFeatures(fleet: readonly Candidate[]): { numbers: Map<string, number>; on: FeatureOn[] } {
	const numbers = new Map<string, number>()
	const on: FeatureOn[] = []
	for (const feature of fleet.flatMap(({ features }) => features)) {
		const key = keyOf(feature)
		const known = on[numbers.get(key) ?? -1]
		if (known) known.on++
		else numbers.set(key, on.push({ feature, on: 1 }) - 1)
	}
	return { numbers, on }
}

function rarestFirst(on: readonly FeatureOn[], numbers: readonly number[]): FeatureOn[] {
	return numbers.flatMap((number) => on[number] ?? []).sort((a, b) => a.on - b.on)
}

function rankOf({ tags }: Candidate): number {
	const ranks = tags.map((tag) => TRIAL_TAGS.indexOf(tag.toLowerCase())).filter((rank) => rank >= 0)
	return Math.min(TRIAL_TAGS.length, ...ranks)
}

function keyOf(feature: Feature): string {
	return feature.kind === "variant" ? `${feature.file} ${feature.variant}` : `${feature.kind} ${feature.name}`
}
