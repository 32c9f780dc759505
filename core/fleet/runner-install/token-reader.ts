import { FailureError } from "../../schema/failure.ts"

/** Bytes that a login shell may say before or between our lines. */
const MAX_NOISE = 64 * 1024

/** Finds the lines `NONCE WORD ...` in a stream and leaves everything after them to the next reader. */
export interface TokenReader {
	/** The words after the nonce; undefined at the end of the stream. */
	next(): Promise<string[] | undefined>
	/** What was said besides, at most `MAX_NOISE` of it: often the only reason for a failure. */
	noise(): string
	/** The bytes that no `next` has taken. */
	rest(): AsyncIterable<Uint8Array>
}

export function createTokenReader(source: AsyncIterable<Uint8Array>, nonce: string): TokenReader {
	const iterator = source[Symbol.asyncIterator]()
	let pending = Buffer.alloc(0)
	let noise = Buffer.alloc(0)

	function take(): string[] | undefined {
		const start = pending.indexOf(`${nonce} `)
		const end = start < 0 ? -1 : pending.indexOf("\n", start)
		if (end < 0) return undefined
		noise = Buffer.concat([noise, pending.subarray(0, start)]).subarray(-MAX_NOISE)
		const words = pending
			.toString("utf8", start + nonce.length + 1, end)
			.trim()
			.split(" ")
		pending = pending.subarray(end + 1)
		return words
	}

	return {
		async next() {
			for (;;) {
				const words = take()
				if (words) return words
				if (pending.length > MAX_NOISE) {
					throw new FailureError("runner-failed", { reason: "the login shell says too much", output: tail(pending) })
				}
				const { done, value } = await iterator.next()
				if (done) return undefined
				pending = Buffer.concat([pending, value])
			}
		},
		noise: () => Buffer.concat([noise, pending]).toString("utf8"),
		async *rest() {
			yield pending
			yield* { [Symbol.asyncIterator]: () => iterator }
		},
	}
}

function tail(bytes: Buffer): string {
	return bytes.toString("utf8", bytes.length - 2048)
}
