import type { OutputStream } from "./shell-port.ts"

/** A piece of output as kept; pieces of one stream that follow each other and are small share one. */
export interface Piece {
	stream: OutputStream
	bytes: Uint8Array
}

const MERGE_BELOW = 1024
const LONGEST_PIECE = 32 * 1024
/** Two streams that take turns byte by byte would otherwise make one object for each byte. */
const MOST_PIECES = 16_384

/** The last bytes of two streams, in the order they came; the older ones are counted and forgotten. */
export class LastBytes {
	readonly dropped = { stdout: 0, stderr: 0 }
	#pieces: Piece[] = []
	/** Index of the oldest piece: shifting an array for each piece would cost its length. */
	#first = 0
	#size = 0
	readonly #limit: number

	constructor(limit: number) {
		this.#limit = limit
	}

	/** Copies what it keeps. */
	push(stream: OutputStream, bytes: Uint8Array): void {
		const skip = Math.max(0, bytes.length - this.#limit)
		this.dropped[stream] += skip
		for (let at = skip; at < bytes.length; at += LONGEST_PIECE)
			this.#append(stream, bytes.slice(at, at + LONGEST_PIECE))
		this.#dropOldest()
	}

	pieces(): Piece[] {
		return this.#pieces.slice(this.#first)
	}

	#append(stream: OutputStream, bytes: Uint8Array): void {
		const last = this.#pieces.at(-1)
		const length = (last?.bytes.length ?? 0) + bytes.length
		this.#size += bytes.length
		if (!last || this.#pieces.length === this.#first || last.stream !== stream || length > MERGE_BELOW) {
			this.#pieces.push({ stream, bytes })
			return
		}
		const merged = new Uint8Array(length)
		merged.set(last.bytes)
		merged.set(bytes, last.bytes.length)
		last.bytes = merged
	}

	#dropOldest(): void {
		while (this.#size > this.#limit || this.#pieces.length - this.#first > MOST_PIECES) {
			const oldest = this.#pieces[this.#first]
			if (!oldest) return
			const count =
				this.#size > this.#limit ? Math.min(oldest.bytes.length, this.#size - this.#limit) : oldest.bytes.length
			this.#size -= count
			this.dropped[oldest.stream] += count
			if (count < oldest.bytes.length) oldest.bytes = oldest.bytes.subarray(count)
			else this.#first++
		}
		if (this.#first > MOST_PIECES) {
			this.#pieces = this.#pieces.slice(this.#first)
			this.#first = 0
		}
	}
}
