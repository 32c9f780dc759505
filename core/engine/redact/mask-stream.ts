import { Needles } from "./needles.ts"

/** What stands in the place of a secret; shortened for one that is shorter still, so that nothing ever grows. */
const MASK = 0x2a
const MASK_LENGTH = 3

/**
 * One stream of bytes with every secret masked, however it is split. Holds back only what may be the beginning of one:
 * at most one byte less than the longest.
 */
export class MaskStream {
	readonly #needles: Needles
	readonly #longest: number
	readonly #secrets: readonly Uint8Array[]
	/** The bytes are only good during the call. */
	readonly #give: (bytes: Uint8Array) => void
	#state = 0
	#held = new Uint8Array()
	#masked = new Uint8Array()
	/** Where masked stretches of the bytes at hand begin and end; those that overlap are one. */
	readonly #starts: number[] = []
	readonly #ends: number[] = []
	/** The mask of the first of them was given out already. */
	#isTold = false

	constructor(secrets: readonly Uint8Array[], needles: Needles, give: (bytes: Uint8Array) => void) {
		this.#secrets = secrets
		this.#needles = needles
		this.#longest = secrets.reduce((longest, { length }) => Math.max(longest, length), 0)
		this.#give = give
	}

	push(bytes: Uint8Array): void {
		this.#find(bytes, this.#held.length)
		const all = this.#held.length === 0 ? bytes : join([this.#held, bytes])
		this.#release(all, all.length - this.#needles.depth(this.#state))
	}

	/** Gives out what was held back: nothing follows any more, so it is no secret. */
	flush(): void {
		this.#release(this.#held, this.#held.length)
		this.#state = 0
	}

	/**
	 * Something was left out here. What was held back may be the first half of a secret, and is left out too; `next`, the
	 * pieces that follow, may begin with the second half of one. Returns how many bytes were left out.
	 */
	cut(next: readonly Uint8Array[]): number {
		const lost = this.#held.length
		this.#held = new Uint8Array()
		this.#state = 0
		this.#forget(this.#starts.length)
		const half = this.#findHalf(joinFirst(next, this.#longest))
		if (half > 0) this.#cover(0, half)
		return lost
	}

	#find(bytes: Uint8Array, base: number): void {
		const needles = this.#needles
		let state = this.#state
		for (let at = 0; at < bytes.length; at++) {
			state = needles.step(state, bytes[at] ?? 0)
			const length = state === 0 ? 0 : needles.found(state)
			if (length > 0) this.#cover(Math.max(0, base + at + 1 - length), base + at + 1)
		}
		this.#state = state
	}

	#cover(from: number, end: number): void {
		let start = from
		while ((this.#ends.at(-1) ?? 0) > start) {
			start = Math.min(start, this.#starts.pop() ?? 0)
			this.#ends.pop()
		}
		this.#starts.push(start)
		this.#ends.push(end)
	}

	/** Gives out all up to `end`, keeps the rest. */
	#release(all: Uint8Array, end: number): void {
		const given = this.#starts.length === 0 ? all.subarray(0, end) : this.#mask(all, end)
		const gone = this.#ends.findIndex((spanEnd) => spanEnd > end)
		this.#forget(gone < 0 ? this.#ends.length : gone)
		if ((this.#starts[0] ?? end) < end) this.#isTold = true
		for (let index = 0; index < this.#starts.length; index++) {
			this.#starts[index] = Math.max(0, (this.#starts[index] ?? 0) - end)
			this.#ends[index] = (this.#ends[index] ?? 0) - end
		}
		if (given.length > 0) this.#give(given)
		this.#held = all.slice(end)
	}

	/** The first so many stretches. */
	#forget(count: number): void {
		if (count === 0) return
		this.#starts.splice(0, count)
		this.#ends.splice(0, count)
		this.#isTold = false
	}

	/** In memory that is written over the next time. */
	#mask(all: Uint8Array, end: number): Uint8Array {
		// The mask of a secret that reaches beyond the end is given out as a whole.
		const most = end + MASK_LENGTH
		if (this.#masked.length < most) this.#masked = new Uint8Array(most)
		let from = 0
		let to = 0
		const copy = (until: number) => {
			if (until > from) this.#masked.set(all.subarray(from, until), to)
			to += Math.max(0, until - from)
		}
		for (let index = 0; index < this.#starts.length; index++) {
			const [start = 0, spanEnd = 0] = [this.#starts[index], this.#ends[index]]
			if (start >= end) break
			copy(start)
			for (let count = 0; count < MASK_LENGTH && count < spanEnd - start; count++) {
				if (index > 0 || !this.#isTold) this.#masked[to++] = MASK
			}
			from = Math.min(spanEnd, end)
		}
		copy(end)
		return this.#masked.subarray(0, to)
	}

	/** How many bytes at the beginning are the end of a secret whose beginning is missing. */
	#findHalf(beginning: Uint8Array): number {
		const needles = new Needles([beginning])
		return this.#secrets.reduce((most, secret) => {
			const state = secret.subarray(1).reduce((before, byte) => needles.step(before, byte), 0)
			return Math.max(most, needles.depth(state))
		}, 0)
	}
}

function join(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
	const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
	let at = 0
	for (const part of parts) {
		all.set(part, at)
		at += part.length
	}
	return all
}

function joinFirst(pieces: readonly Uint8Array[], most: number): Uint8Array {
	const first: Uint8Array[] = []
	let size = 0
	for (const piece of pieces) {
		if (size >= most) break
		first.push(piece)
		size += piece.length
	}
	return join(first).subarray(0, most)
}
