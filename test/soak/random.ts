/** Choices that a seed decides: the same seed, the same choices. */
export interface Random {
	/** From 0 to below 1. */
	unit(): number
	/** A whole number from 0 to below `limit`. */
	below(limit: number): number
	chance(probability: number): boolean
	pick<T>(items: readonly T[]): T
}

/** mulberry32: 32 bits of state, plenty for choosing moments. */
export function createRandom(seed: number): Random {
	let state = seed | 0
	const unit = () => {
		state = (state + 0x6d2b79f5) | 0
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
	}
	const below = (limit: number) => Math.floor(unit() * limit)
	return {
		unit,
		below,
		chance: (probability) => unit() < probability,
		pick: (items) => {
			if (items.length === 0) throw new Error("cannot pick from nothing")
			return items[below(items.length)] as (typeof items)[number]
		},
	}
}
