import { FailureError } from "../schema/failure.ts"
import type { ByteStream } from "./byte-stream.ts"
import { type Credit, createCredit } from "./credit.ts"
import { createInbox, type Inbox } from "./inbox.ts"
import {
	createMessageWriter,
	failureErrorOf,
	type Message,
	type MessageWriter,
	type Request,
	readMessages,
	requestSchema,
	STREAM_WINDOW,
} from "./messages.ts"
import { preambleOf } from "./preamble.ts"
import { askPort, isRunnerCall, parseInput } from "./runner-dispatch.ts"
import type { RunnerPort } from "./runner-port.ts"

/** Calls under way at once; what makes no sense beyond it ends the stream. */
const MAX_CALLS = 1024

/**
 * Answers the calls that come in over a stream, several at once, until it ends or stops making sense; then waits for
 * the calls under way and closes it. Never throws: the far side may be hostile, broken or gone. Runs go on.
 */
export async function serveRunner(
	port: RunnerPort,
	stream: ByteStream,
	options: { nonce?: string } = {},
): Promise<void> {
	const writer = createMessageWriter(stream)
	const service = createService(port, writer, () => stream.close())
	try {
		if (options.nonce !== undefined) await stream.write(new TextEncoder().encode(preambleOf(options.nonce)))
		for await (const message of readMessages(stream.read)) await service.take(message)
	} catch (error) {
		// Best effort: where the stream itself broke, nobody is left to read why.
		await writer.json({ id: 0, failure: failureErrorOf(error).failure }).catch(() => {})
	}
	await service.end()
	await stream.close()
}

interface Following {
	stop: AbortController
	credit: Credit
}

function createService(port: RunnerPort, writer: MessageWriter, close: () => Promise<void>) {
	const underWay = new Map<number, Promise<void>>()
	const followings = new Map<number, Following>()
	let supplying: Inbox<Uint8Array> | undefined

	function begin(id: number, call: string, input: unknown) {
		if (id === 0 || underWay.has(id)) throw new FailureError("bad-request", { reason: `the id ${id} is not free` })
		if (underWay.size >= MAX_CALLS) throw new FailureError("bad-request", { reason: "too many calls at once" })
		const answered = call === "attach" ? follow(id, input) : answer(id, call, input)
		const ended = answered
			.catch((error) => writer.json({ id, failure: failureErrorOf(error).failure }))
			// The answer cannot be written: the far side is gone, and reading has to end as well.
			.catch(close)
			.finally(() => underWay.delete(id))
		underWay.set(id, ended)
	}

	async function answer(id: number, call: string, input: unknown) {
		const content = createInbox<Uint8Array>()
		if (call === "supply") {
			if (supplying) throw new FailureError("bad-request", { reason: "a content inside another one" })
			supplying = content
		}
		try {
			if (!isRunnerCall(call) || call === "attach") throw unknownCall(call)
			await writer.json({ id, output: await askPort(port, call, input, content) })
		} finally {
			content.abandon()
		}
	}

	async function follow(id: number, input: unknown) {
		const { run, after } = parseInput("attach", input)
		const following = { stop: new AbortController(), credit: createCredit(STREAM_WINDOW) }
		followings.set(id, following)
		try {
			for await (const item of port.attach(run, after, following.stop.signal)) {
				if (!(await following.credit.take())) break
				await writer.json({ id, item })
			}
		} finally {
			followings.delete(id)
		}
		await writer.json({ id, end: true })
	}

	function stop({ stop, credit }: Following) {
		stop.abort()
		credit.end()
	}

	async function takeContent(bytes: Uint8Array) {
		if (!supplying) throw new FailureError("bad-request", { reason: "content that belongs to no call" })
		if (bytes.length > 0) return supplying.push(bytes)
		supplying.end()
		supplying = undefined
	}

	return {
		/** Begins what a message asks for; waits only while content comes faster than it is stored. */
		async take(message: Message) {
			if (message.kind === "bytes") return takeContent(message.bytes)
			const request = parseRequest(message.value)
			const following = followings.get(request.id)
			if ("input" in request) begin(request.id, request.call, request.input)
			else if (following && request.call === "more") following.credit.give(request.items)
			else if (following) stop(following)
		},
		/** Ends the streams, lets every other call come to its end. */
		async end() {
			supplying?.fail(new FailureError("connection-lost"))
			for (const following of followings.values()) stop(following)
			await Promise.all(underWay.values())
		},
	}
}

function parseRequest(value: unknown): Request {
	const parsed = requestSchema.safeParse(value)
	if (parsed.success) return parsed.data
	throw new FailureError("bad-request", { reason: "a message that is no request" })
}

function unknownCall(call: string): FailureError {
	return new FailureError("bad-request", { reason: `there is no call ${call.slice(0, 64)}` })
}
