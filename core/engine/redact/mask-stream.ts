import { Needles } from "./needles.ts"

/** What stands in the place of a secret; shortened for one that is shorter still, so that nothing ever grows. */
const MASK = new TextEncoder().encode("***")

/** A masked stretch of the bytes at hand. `isTold`: its mask was given out already. */
interface Span {
	start: number
	end: number
	isTold: boolean
}

/**
 * One stream of bytes with every secret masked, however it is split. Holds back only what may be the beginning of one:
 * at most one byte less than the longest.
 */
export class MaskStream {
	readonly #needles: Needles
	readonly #longest: number
	readonly #secrets: readonly Uint8Array[]
	readonly #give: (bytes: Uint8Array) => void
	#state = 0
	#held = new Uint8Array()
	/** Of the bytes held back; those that overlap are one. */
	#spans: Span[] = []

	constructor(secrets: readonly Uint8Array[], needles: Needles, give: (bytes: Uint8Array) => void) {
		this.#secrets = secrets
		this.#needles = needles
		this.#longest = Math.max(0, ...secrets.map(({ length }) => length))
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
		const half = this.#findHalf(joinFirst(next, this.#longest))
		this.#spans = half === 0 ? [] : [{ start: 0, end: half, isTold: false }]
		return lost
	}

	#find(bytes: Uint8Array, base: number): void {
		let state = this.#state
		for (let at = 0; at < bytes.length; at++) {
			state = this.#needles.step(state, bytes[at] ?? 0)
			const length = state === 0 ? 0 : this.#needles.found(state)
			if (length > 0) this.#cover(Math.max(0, base + at + 1 - length), base + at + 1)
		}
		this.#state = state
	}

	#cover(from: number, end: number): void {
		let start = from
		let isTold = false
		for (let last = this.#spans.at(-1); last && last.end > start; last = this.#spans.at(-1)) {
			start = Math.min(start, last.start)
			isTold ||= last.isTold
			this.#spans.pop()
		}
		this.#spans.push({ start, end, isTold })
	}

	/** Gives out all up to `end`, keeps the rest. */
	#release(all: Uint8Array, end: number): void {
		const parts: Uint8Array[] = []
		const kept: Span[] = []
		let at = 0
		for (const { start, end: spanEnd, isTold } of this.#spans) {
			if (spanEnd > end)
				kept.push({ start: Math.max(0, start - end), end: spanEnd - end, isTold: isTold || start < end })
			if (start >= end) continue
			parts.push(all.subarray(at, start))
			if (!isTold) parts.push(MASK.subarray(0, spanEnd - start))
			at = Math.min(spanEnd, end)
		}
		parts.push(all.subarray(at, end))
		this.#held = all.slice(end)
		this.#spans = kept
		const whole = parts.length === 1 ? all.subarray(0, end) : join(parts)
		if (whole.length > 0) this.#give(whole)
	}

	/** How many bytes at the beginning are the end of a secret whose beginning is missing. */
	#findHalf(beginning: Uint8Array): number {
		const needles = new Needles([beginning])
		const halves = this.#secrets.map((secret) => {
			const state = secret.subarray(1).reduce((before, byte) => needles.step(before, byte), 0)
			return needles.depth(state)
		})
		return Math.max(0, ...halves)
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
