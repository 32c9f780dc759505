import type { OutputStream } from "./shell-port.ts"

/** A stretch of one stream's output. */
export interface Piece {
	stream: OutputStream
	bytes: Uint8Array
	/** Its place among the pieces of both streams. */
	order: number
}

/** Two streams that take turns byte by byte would otherwise make one object for each byte. */
const MOST_PIECES = 16_384

/** The last bytes of two streams; the older ones are counted and forgotten, of the stream that has more of them. */
export class LastBytes {
	readonly #streams: Record<OutputStream, Ring>
	readonly #limit: number
	#order = 0
	#last: OutputStream | undefined

	constructor(limit: number) {
		this.#limit = limit
		// Room for what is kept and for what comes, before the older is forgotten.
		this.#streams = { stdout: new Ring(2 * limit), stderr: new Ring(2 * limit) }
	}

	/** Copies what it keeps. */
	push(stream: OutputStream, bytes: Uint8Array): void {
		if (bytes.length === 0) return
		const ring = this.#streams[stream]
		const skip = Math.max(0, bytes.length - this.#limit)
		while (skip > 0 && ring.length > 0) ring.dropOldest(Infinity)
		ring.dropped += skip
		if (this.#last !== stream || ring.length === 0) ring.begin(this.#order++)
		this.#last = stream
		ring.append(bytes.subarray(skip))
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
		const of = (stream: OutputStream) => this.#streams[stream].pieces().map((piece) => ({ stream, ...piece }))
		return [...of("stdout"), ...of("stderr")].sort((a, b) => a.order - b.order)
	}

	#dropOldest(): void {
		const { stdout, stderr } = this.#streams
		for (;;) {
			const over = stdout.size + stderr.size - this.#limit
			if (over > 0) (stdout.size >= stderr.size ? stdout : stderr).dropOldest(over)
			else if (stdout.length + stderr.length > MOST_PIECES)
				(stdout.length >= stderr.length ? stdout : stderr).dropOldest(Infinity)
			else return
		}
	}
}

/** The newest bytes of one stream, in memory that is taken once and written over and over. */
class Ring {
	size = 0
	dropped = 0
	readonly #capacity: number
	#memory: Uint8Array | undefined
	/** Bytes that ever came. */
	#end = 0
	#pieces: { size: number; order: number }[] = []
	/** Index of the oldest: shifting an array for each piece would cost its length. */
	#first = 0

	constructor(capacity: number) {
		this.#capacity = capacity
	}

	/** Number of pieces. */
	get length(): number {
		return this.#pieces.length - this.#first
	}

	begin(order: number): void {
		this.#pieces.push({ size: 0, order })
	}

	/** To the newest piece; with what is there, at most the capacity. */
	append(bytes: Uint8Array): void {
		this.#memory ??= new Uint8Array(this.#capacity)
		const at = this.#end % this.#capacity
		const fits = Math.min(bytes.length, this.#capacity - at)
		this.#memory.set(bytes.subarray(0, fits), at)
		this.#memory.set(bytes.subarray(fits), 0)
		this.#end += bytes.length
		this.size += bytes.length
		const newest = this.#pieces.at(-1)
		if (newest) newest.size += bytes.length
	}

	/** Drops bytes of the oldest piece, at most so many. */
	dropOldest(most: number): void {
		const oldest = this.#pieces[this.#first]
		if (!oldest) return
		const count = Math.min(oldest.size, most)
		oldest.size -= count
		this.size -= count
		this.dropped += count
		if (oldest.size === 0) this.#first++
		if (this.#first > MOST_PIECES) {
			this.#pieces = this.#pieces.slice(this.#first)
			this.#first = 0
		}
	}

	pieces(): { bytes: Uint8Array; order: number }[] {
		let start = this.#end - this.size
		return this.#pieces.slice(this.#first).map(({ size, order }) => {
			const bytes = this.#read(start, size)
			start += size
			return { bytes, order }
		})
	}

	#read(start: number, size: number): Uint8Array {
		const bytes = new Uint8Array(size)
		const at = start % this.#capacity
		const first = this.#memory?.subarray(at, at + size) ?? bytes
		bytes.set(first)
		if (first.length < size && this.#memory) bytes.set(this.#memory.subarray(0, size - first.length), first.length)
		return bytes
	}
}
