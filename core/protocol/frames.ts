import { FailureError } from "../schema/failure.ts"

/**
 * Framing over a byte stream: length of the payload (u32, big endian), kind (u8), payload. A JSON message longer than
 * one payload travels as `part` frames and ends with a `json` frame; nothing comes between them.
 */
const KINDS = ["json", "bytes", "part"] as const
export type FrameKind = (typeof KINDS)[number]
export interface Frame {
	kind: FrameKind
	payload: Uint8Array
}

/** Bytes of one payload at most. */
export const MAX_PAYLOAD = 1024 * 1024
const HEADER_BYTES = 5

/** One frame as bytes. The payload is at most `MAX_PAYLOAD` long; the callers here cut it. */
export function makeFrame(kind: FrameKind, payload: Uint8Array): Uint8Array {
	const bytes = new Uint8Array(HEADER_BYTES + payload.length)
	new DataView(bytes.buffer).setUint32(0, payload.length)
	bytes[4] = KINDS.indexOf(kind)
	bytes.set(payload, HEADER_BYTES)
	return bytes
}

/**
 * The frames of a byte stream. Ends where the stream ends between two frames; throws `bad-request` where the bytes are
 * no frames, and `connection-lost` where the stream ends inside one.
 */
export async function* readFrames(source: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
	const header = new Uint8Array(HEADER_BYTES)
	let headerFilled = 0
	let frame: Frame | undefined
	let filled = 0
	for await (const chunk of source) {
		let at = 0
		while (at < chunk.length || (frame && filled === frame.payload.length)) {
			if (!frame) {
				const part = chunk.subarray(at, at + HEADER_BYTES - headerFilled)
				header.set(part, headerFilled)
				headerFilled += part.length
				at += part.length
				if (headerFilled === HEADER_BYTES) frame = openFrame(header)
				continue
			}
			const part = chunk.subarray(at, at + frame.payload.length - filled)
			frame.payload.set(part, filled)
			filled += part.length
			at += part.length
			if (filled < frame.payload.length) continue
			yield frame
			frame = undefined
			filled = headerFilled = 0
		}
	}
	if (headerFilled > 0) throw new FailureError("connection-lost", { reason: "the stream ended inside a frame" })
}

/** An empty frame for the header's length and kind, or a failure: nothing is allocated before the length is known good. */
function openFrame(header: Uint8Array): Frame {
	const length = new DataView(header.buffer).getUint32(0)
	const kind = KINDS[header[4] ?? -1]
	if (!kind) throw new FailureError("bad-request", { reason: `frame of unknown kind ${header[4]}` })
	if (length > MAX_PAYLOAD) {
		throw new FailureError("bad-request", { reason: `frame of ${length} bytes, at most ${MAX_PAYLOAD} are allowed` })
	}
	return { kind, payload: new Uint8Array(length) }
}
