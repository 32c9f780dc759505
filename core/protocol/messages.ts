import { z } from "zod"
import { type Failure, FailureError, failureSchema } from "../schema/failure.ts"
import type { ByteStream } from "./byte-stream.ts"
import { type FrameKind, MAX_PAYLOAD, makeFrame, readFrames } from "./frames.ts"
import { isReasonable } from "./json-limits.ts"

/** Bytes of one message at most, all its frames together: a plan with many large diffs stays well below. */
const MAX_MESSAGE = 64 * 1024 * 1024
/** Items a stream of answers may be ahead of its reader; the reader grants more with `more`. */
export const STREAM_WINDOW = 512

/** Number of a call, chosen by the caller, unique among the calls under way; 0 means the connection itself. */
const id = z.number().int().nonnegative()

/** Desktop to runner. `stop` ends a stream early, `more` allows further items of one; both are themselves unanswered. */
export const requestSchema = z.union([
	z.object({ id, call: z.literal("stop") }),
	z.object({ id, call: z.literal("more"), items: z.number().int().min(1).max(STREAM_WINDOW) }),
	z.object({ id, call: z.string(), input: z.unknown().default(null) }),
])
export type Request = z.infer<typeof requestSchema>

/** Runner to desktop: one `output` or `failure`; for a stream any number of `item`, then `end` or `failure`. */
export const answerSchema = z.union([
	z.object({ id, failure: z.record(z.string(), z.unknown()).transform(parseFailure) }),
	z.object({ id, item: z.looseObject({}) }),
	z.object({ id, end: z.literal(true) }),
	z.object({ id, output: z.union([z.looseObject({}), z.array(z.unknown())]) }),
])
export type Answer = z.infer<typeof answerSchema>

/** A JSON message, or a piece of the content that is being supplied; an empty piece ends the content. */
export type Message = { kind: "json"; value: unknown; length: number } | { kind: "bytes"; bytes: Uint8Array }

/** The messages of a byte stream; fails like `readFrames`, and with `bad-request` for text that is no JSON. */
export async function* readMessages(source: AsyncIterable<Uint8Array>): AsyncGenerator<Message> {
	let parts: Uint8Array[] = []
	let length = 0
	for await (const frame of readFrames(source)) {
		if (frame.kind === "bytes") {
			if (parts.length > 0) throw new FailureError("bad-request", { reason: "content inside a message" })
			yield { kind: "bytes", bytes: frame.payload }
			continue
		}
		parts.push(frame.payload)
		length += frame.payload.length
		// Parts must be full: else one byte each would cost far more memory than the limit says.
		if (length > MAX_MESSAGE || (frame.kind === "part" && frame.payload.length < MAX_PAYLOAD)) {
			throw new FailureError("bad-request", { reason: "a message too long or cut too small" })
		}
		if (frame.kind === "part") continue
		yield { kind: "json", value: parseJson(joinBytes(parts, length)), length }
		parts = []
		length = 0
	}
}

export interface MessageWriter {
	json(value: Request | Answer): Promise<void>
	/** One piece of content, cut into frames; empty: the end of the content. */
	bytes(piece: Uint8Array): Promise<void>
}

/** Writes whole messages, one after the other, however many callers there are. */
export function createMessageWriter(stream: ByteStream): MessageWriter {
	let last: Promise<void> = Promise.resolve()
	const queue = (frames: Uint8Array[]) => {
		const written = last.then(async () => {
			for (const frame of frames) await writeFrame(stream, frame)
		})
		// The next message waits for this one, whatever became of it; its failure goes to its own caller.
		last = written.catch(() => {})
		return written
	}
	return {
		json: (value) => queue(cut(new TextEncoder().encode(JSON.stringify(value)), "part", "json")),
		bytes: (piece) => queue(cut(piece, "bytes", "bytes")),
	}
}

/** What went wrong as a typed failure, whatever was thrown. */
export function failureErrorOf(error: unknown): FailureError {
	if (error instanceof FailureError) return error
	const message = error instanceof Error ? error.message : String(error)
	return new FailureError("internal", { message: message.split("\n", 1)[0] ?? "" }, { cause: error })
}

/** A newer runner may fail in ways that have no name here. */
function parseFailure(value: Record<string, unknown>): Failure {
	const parsed = failureSchema.safeParse(value)
	if (parsed.success) return parsed.data
	return { code: "runner-failed", data: { reason: `a failure this version does not know: ${String(value.code)}` } }
}

async function writeFrame(stream: ByteStream, frame: Uint8Array) {
	try {
		await stream.write(frame)
	} catch (error) {
		throw error instanceof FailureError ? error : new FailureError("connection-lost", {}, { cause: error })
	}
}

function cut(bytes: Uint8Array, kind: FrameKind, lastKind: FrameKind): Uint8Array[] {
	if (bytes.length > MAX_MESSAGE && kind === "part") {
		throw new FailureError("internal", { message: `a message of ${bytes.length} bytes is too long to send` })
	}
	const frames: Uint8Array[] = []
	let at = 0
	for (; at + MAX_PAYLOAD < bytes.length; at += MAX_PAYLOAD) {
		frames.push(makeFrame(kind, bytes.subarray(at, at + MAX_PAYLOAD)))
	}
	frames.push(makeFrame(lastKind, bytes.subarray(at)))
	return frames
}

function joinBytes(parts: Uint8Array[], length: number): Uint8Array {
	if (parts.length === 1 && parts[0]) return parts[0]
	const whole = new Uint8Array(length)
	let at = 0
	for (const part of parts) {
		whole.set(part, at)
		at += part.length
	}
	return whole
}

function parseJson(bytes: Uint8Array): unknown {
	if (!isReasonable(bytes)) throw new FailureError("bad-request", { reason: "a message nested too deep or too full" })
	try {
		return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes))
	} catch (error) {
		throw new FailureError("bad-request", { reason: "a message that is no JSON" }, { cause: error })
	}
}
