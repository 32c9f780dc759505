/** What the search for a smaller choice may cost, in features looked at: a tenth of a second or so. */
const SEARCH_COST = 2_000_000

type Sets = readonly ReadonlySet<number>[]

/**
 * The smallest choice of sets that together hold every member of all of them, as places in `sets`; of two that do as well
 * the earlier one. Where finding it would take too long, a small one that was found quickly (`isSmallest`: false).
 */
export function coverAll(sets: Sets): { chosen: number[]; isSmallest: boolean } {
	const holders = holdersOf(sets)
	/** Nobody else has one of its members. */
	const needed = new Set([...holders.values()].flatMap((held) => (held.length === 1 ? held : [])))
	const held = new Set([...needed].flatMap((place) => [...(sets[place] ?? [])]))
	const open = [...holders.keys()]
		.filter((member) => !held.has(member))
		.sort((a, b) => (holders.get(a)?.length ?? 0) - (holders.get(b)?.length ?? 0) || a - b)
	const quick = coverQuickly(sets, open)
	const { best, isWhole } = searchSmaller(sets, holders, open, quick)
	return { chosen: [...needed, ...best], isSmallest: isWhole }
}

/** Of equal sets only the first one. */
function holdersOf(sets: Sets): Map<number, number[]> {
	const holders = new Map<number, number[]>()
	const seen = new Set<string>()
	for (const [place, set] of sets.entries()) {
		const key = [...set].sort((a, b) => a - b).join()
		if (seen.has(key)) continue
		seen.add(key)
		for (const member of set) {
			const held = holders.get(member)
			if (held) held.push(place)
			else holders.set(member, [place])
		}
	}
	return holders
}

/** Always the set that holds most of what is open. */
function coverQuickly(sets: Sets, members: readonly number[]): number[] {
	const open = new Set(members)
	const gains = sets.map((set) => [...set].filter((member) => open.has(member)).length)
	const chosen: number[] = []
	while (open.size > 0) {
		let best = { place: -1, gain: 0 }
		for (const [place, set] of sets.entries()) {
			// A gain only ever shrinks: what was too little before need not be counted again.
			if ((gains[place] ?? 0) <= best.gain) continue
			const gain = [...set].filter((member) => open.has(member)).length
			gains[place] = gain
			if (gain > best.gain) best = { place, gain }
		}
		chosen.push(best.place)
		for (const member of sets[best.place] ?? []) open.delete(member)
	}
	return chosen
}

/** Looks for one that is smaller than `quick`: every set that holds the rarest open member is tried. */
function searchSmaller(
	sets: Sets,
	holders: ReadonlyMap<number, readonly number[]>,
	members: readonly number[],
	quick: number[],
): { best: number[]; isWhole: boolean } {
	const wanted = new Set(members)
	const widest = Math.max(1, ...sets.map((set) => [...set].filter((member) => wanted.has(member)).length))
	let best = quick
	let cost = 0
	const search = (chosen: number[], open: readonly number[]) => {
		if (open.length === 0 && chosen.length < best.length) best = chosen
		const [rarest] = open
		if (rarest === undefined || chosen.length + Math.ceil(open.length / widest) >= best.length) return
		for (const place of holders.get(rarest) ?? []) {
			cost += open.length
			if (cost > SEARCH_COST) return
			search(
				[...chosen, place],
				open.filter((member) => !sets[place]?.has(member)),
			)
		}
	}
	search([], members)
	return { best, isWhole: cost <= SEARCH_COST }
}
