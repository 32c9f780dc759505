import type { OutputStream } from "./shell-port.ts"

/** A piece of output as kept; small ones of one stream that follow each other become one. */
export interface Piece {
	stream: OutputStream
	bytes: Uint8Array
	/** Its place among the pieces of both streams. */
	order: number
}

const MERGE_BELOW = 1024
const LONGEST_PIECE = 32 * 1024
/** Two streams that take turns byte by byte would otherwise make one object for each byte. */
const MOST_PIECES = 16_384

/** The last bytes of two streams; the older ones are counted and forgotten, of the stream that has more of them. */
export class LastBytes {
	readonly #streams = { stdout: new Queue(), stderr: new Queue() }
	readonly #limit: number
	#order = 0
	#last: Piece | undefined

	constructor(limit: number) {
		this.#limit = limit
	}

	/** Copies what it keeps. */
	push(stream: OutputStream, bytes: Uint8Array): void {
		const queue = this.#streams[stream]
		const skip = Math.max(0, bytes.length - this.#limit)
		queue.dropped += skip
		for (let at = skip; at < bytes.length; at += LONGEST_PIECE)
			this.#append(stream, bytes.slice(at, at + LONGEST_PIECE))
		this.#dropOldest()
	}

	/** Counts bytes as forgotten that never came here. */
	skip(stream: OutputStream, count: number): void {
		this.#streams[stream].dropped += count
	}

	/** Bytes that were forgotten. */
	dropped(stream: OutputStream): number {
		return this.#streams[stream].dropped
	}

	/** What is kept, in the order it came. */
	pieces(): Piece[] {
		const { stdout, stderr } = this.#streams
		return [...stdout.pieces(), ...stderr.pieces()].sort((a, b) => a.order - b.order)
	}

	#append(stream: OutputStream, bytes: Uint8Array): void {
		const queue = this.#streams[stream]
		queue.size += bytes.length
		if (this.#last?.stream === stream && this.#last.bytes.length + bytes.length <= MERGE_BELOW) {
			this.#last.bytes = join(this.#last.bytes, bytes)
			return
		}
		this.#last = { stream, bytes, order: this.#order++ }
		queue.push(this.#last)
	}

	#dropOldest(): void {
		const { stdout, stderr } = this.#streams
		for (;;) {
			const over = stdout.size + stderr.size - this.#limit
			if (over > 0) (stdout.size >= stderr.size ? stdout : stderr).drop(over)
			else if (stdout.length + stderr.length > MOST_PIECES)
				(stdout.length >= stderr.length ? stdout : stderr).drop(Infinity)
			else return
		}
	}
}

/** Pieces of one stream, oldest first. */
class Queue {
	size = 0
	dropped = 0
	#pieces: Piece[] = []
	/** Index of the oldest: shifting an array for each piece would cost its length. */
	#first = 0

	get length(): number {
		return this.#pieces.length - this.#first
	}

	push(piece: Piece): void {
		this.#pieces.push(piece)
	}

	pieces(): Piece[] {
		return this.#pieces.slice(this.#first)
	}

	/** Drops bytes of the oldest piece, at most so many. */
	drop(most: number): void {
		const oldest = this.#pieces[this.#first]
		if (!oldest) return
		const count = Math.min(oldest.bytes.length, most)
		this.size -= count
		this.dropped += count
		oldest.bytes = oldest.bytes.subarray(count)
		if (oldest.bytes.length === 0) this.#first++
		if (this.#first > MOST_PIECES) {
			this.#pieces = this.#pieces.slice(this.#first)
			this.#first = 0
		}
	}
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
	const both = new Uint8Array(first.length + second.length)
	both.set(first)
	both.set(second, first.length)
	return both
}
