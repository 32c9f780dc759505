import { FailureError } from "../schema/failure.ts"

/** Bytes of login banners and the like that may come before the runner speaks. */
export const MAX_NOISE = 64 * 1024
/** Of noise without a runner after it, this much is told in the failure. */
const TOLD_BYTES = 2048

/**
 * The line with which `hotfix-runner serve --nonce X` begins. The nonce makes it impossible for a login script, or for
 * an echoed command line, to look like it.
 */
export function preambleOf(nonce: string): string {
	return `hotfix-runner ${nonce}\n`
}

/**
 * The bytes that follow the runner's first line. Fails with `runner-failed` and the last of what was said instead, when
 * the line does not come within `MAX_NOISE` or before the end.
 */
export async function* skipNoise(source: AsyncIterable<Uint8Array>, nonce: string): AsyncGenerator<Uint8Array> {
	const wanted = new TextEncoder().encode(preambleOf(nonce))
	/** The last of what was said, undefined once the line has come; no more, or noise byte by byte would be copied each time. */
	let noise: Uint8Array | undefined = new Uint8Array(0)
	let forgotten = 0
	for await (const chunk of source) {
		if (!noise) {
			yield chunk
			continue
		}
		const seen: Uint8Array = joinTwo(noise, chunk)
		const at = indexOfBytes(seen, wanted, noise.length - wanted.length)
		if (at >= 0 && forgotten + at <= MAX_NOISE) {
			noise = undefined
			yield seen.subarray(at + wanted.length)
		} else if (forgotten + seen.length > MAX_NOISE + wanted.length) {
			throw notThere(seen)
		} else {
			noise = seen.subarray(-Math.max(TOLD_BYTES, wanted.length))
			forgotten += seen.length - noise.length
		}
	}
	if (noise) throw notThere(noise)
}

function notThere(noise: Uint8Array): FailureError {
	const output = new TextDecoder().decode(noise.subarray(-TOLD_BYTES))
	return new FailureError("runner-failed", { reason: "the runner did not answer", output })
}

function joinTwo(a: Uint8Array, b: Uint8Array): Uint8Array {
	const both = new Uint8Array(a.length + b.length)
	both.set(a)
	both.set(b, a.length)
	return both
}

/** `from`: nothing before it can be the beginning, it was looked at with the piece before. */
function indexOfBytes(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
	for (let at = Math.max(0, from); at + wanted.length <= bytes.length; at++) {
		if (wanted.every((byte, offset) => bytes[at + offset] === byte)) return at
	}
	return -1
}
