/** 512 KiB of memory; secrets of a thousand bytes. */
const MOST_IN_TABLE = 1024

/**
 * Texts to look for, all at once: one pass over the bytes whatever their number (Aho, Corasick 1975). A state is a
 * node of the tree of all needles; 0 is its root.
 */
export class Needles {
	/** Children, by `state * 256 + byte`. */
	readonly #next = new Map<number, number>()
	/** The longest other beginning of a needle that ends where this one does. */
	readonly #fallback = [0]
	readonly #depth = [0]
	/** Length of the longest needle that ends in a state. */
	readonly #found = [0]
	readonly #isFirst = new Uint8Array(256)
	/** Every step there is, for as many states as this is worth its memory. */
	readonly #steps: Uint16Array | undefined

	constructor(needles: Iterable<Uint8Array>) {
		const nodes: { state: number; parent: number; byte: number }[] = []
		for (const needle of needles) this.#add(needle, nodes)
		// A shorter beginning is there before a longer one needs it.
		nodes.sort((a, b) => this.depth(a.state) - this.depth(b.state))
		for (const { state, parent, byte } of nodes) {
			const fallback = parent === 0 ? 0 : this.step(this.#fallback[parent] ?? 0, byte)
			this.#fallback[state] = fallback
			this.#found[state] = Math.max(this.found(state), this.found(fallback))
		}
		const states = this.#depth.length
		if (states > MOST_IN_TABLE) return
		const steps = new Uint16Array(states * 256)
		for (let state = 0; state < states; state++)
			for (let byte = 0; byte < 256; byte++) steps[state * 256 + byte] = this.step(state, byte)
		this.#steps = steps
	}

	/** The state after one more byte. */
	step(from: number, byte: number): number {
		if (this.#steps) return this.#steps[from * 256 + byte] ?? 0
		if (from === 0 && this.#isFirst[byte] === 0) return 0
		for (let state = from; ; state = this.#fallback[state] ?? 0) {
			const next = this.#next.get(state * 256 + byte)
			if (next !== undefined) return next
			if (state === 0) return 0
		}
	}

	/** So many of the last bytes may be the beginning of a needle. */
	depth(state: number): number {
		return this.#depth[state] ?? 0
	}

	/** So many of the last bytes are a needle; 0 when none has ended. */
	found(state: number): number {
		return this.#found[state] ?? 0
	}

	#add(needle: Uint8Array, nodes: { state: number; parent: number; byte: number }[]): void {
		let state = 0
		for (const byte of needle) {
			const key = state * 256 + byte
			let next = this.#next.get(key)
			if (next === undefined) {
				next = this.#depth.length
				this.#next.set(key, next)
				this.#depth.push(this.depth(state) + 1)
				this.#fallback.push(0)
				this.#found.push(0)
				nodes.push({ state: next, parent: state, byte })
			}
			state = next
		}
		if (state === 0) return
		this.#found[state] = needle.length
		this.#isFirst[needle[0] ?? 0] = 1
	}
}
