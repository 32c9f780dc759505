import { countContinuing, countUnfinished, makeDecoder } from "./characters.ts"
import { LastBytes, type Piece } from "./last-bytes.ts"
import type { OutputStream } from "./shell-port.ts"

/** Reported as it comes, per command, both streams together. */
export const LIVE_BYTES = 64 * 1024
/** Kept of what comes after that, reported at the end. */
export const KEPT_BYTES = 256 * 1024
/** Kept for the reason of a failure. */
export const LAST_BYTES = 4 * 1024

const STREAMS = ["stdout", "stderr"] as const

type Report = (stream: OutputStream, text: string, cutBytes?: number) => void

/**
 * Output of one command: its beginning reported at once, its end when it has ended, what was between counted and
 * forgotten (invariant 9). Holds at most about 300 KiB, whatever is printed.
 */
export class CommandOutput {
	readonly #report: Report
	readonly #kept = new LastBytes(KEPT_BYTES)
	readonly #last = new LastBytes(LAST_BYTES)
	readonly #decoders = { stdout: makeDecoder(), stderr: makeDecoder() }
	#live = LIVE_BYTES

	constructor(report: Report) {
		this.#report = report
	}

	/** The bytes may be used again by the caller afterwards. */
	push(stream: OutputStream, bytes: Uint8Array): void {
		this.#last.push(stream, bytes)
		const live = this.#takeLive(bytes)
		if (live > 0) this.#tell(stream, this.#decoders[stream].decode(bytes.subarray(0, live), { stream: true }))
		if (live < bytes.length) this.#kept.push(stream, bytes.subarray(live))
	}

	/** Bytes of this stream were left out here: whatever comes now is reported at the end. */
	skip(stream: OutputStream, count: number): void {
		if (count === 0) return
		this.#live = 0
		this.#kept.skip(stream, count)
	}

	/** Reports what was kept. Returns how many bytes were never reported. */
	finish(): number {
		const pieces = this.#kept.pieces()
		const cut = { stdout: this.#kept.dropped("stdout"), stderr: this.#kept.dropped("stderr") }
		for (const stream of STREAMS) {
			if (cut[stream] === 0) continue
			cut[stream] += trimBeginning(pieces, stream)
			// What follows the cut is no continuation of what stands before it.
			this.#tell(stream, this.#decoders[stream].decode())
			this.#decoders[stream] = makeDecoder()
		}
		const untold = { ...cut }
		for (const { stream, bytes } of pieces) {
			this.#tell(stream, this.#decoders[stream].decode(bytes, { stream: true }), untold[stream])
			untold[stream] = 0
		}
		for (const stream of STREAMS) this.#tell(stream, this.#decoders[stream].decode(), untold[stream])
		return cut.stdout + cut.stderr
	}

	/** The end of what was printed, both streams in the order they came. */
	last(): string {
		const pieces = this.#last.pieces()
		for (const stream of STREAMS) if (this.#last.dropped(stream) > 0) trimBeginning(pieces, stream)
		const decoders = { stdout: makeDecoder(), stderr: makeDecoder() }
		return pieces.map(({ stream, bytes }) => decoders[stream].decode(bytes, { stream: true })).join("")
	}

	/** How much of these bytes is still reported at once; ends between two characters. */
	#takeLive(bytes: Uint8Array): number {
		if (bytes.length < this.#live) {
			this.#live -= bytes.length
			return bytes.length
		}
		const live = this.#live - countUnfinished(bytes.subarray(0, this.#live))
		this.#live = 0
		return live
	}

	#tell(stream: OutputStream, text: string, cutBytes = 0): void {
		if (cutBytes > 0) this.#report(stream, text, cutBytes)
		else if (text !== "") this.#report(stream, text)
	}
}

/** Takes the rest of a cut character off a stream's first piece; returns its bytes. */
function trimBeginning(pieces: Piece[], stream: OutputStream): number {
	const first = pieces.find((piece) => piece.stream === stream)
	if (!first) return 0
	const count = countContinuing(first.bytes)
	first.bytes = first.bytes.subarray(count)
	return count
}
