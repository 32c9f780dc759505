import { FailureError } from "../schema/failure.ts"
import type { ByteStream } from "./byte-stream.ts"
import { createInbox } from "./inbox.ts"
import {
	type Answer,
	answerSchema,
	createMessageWriter,
	failureErrorOf,
	type Message,
	type MessageWriter,
	readMessages,
	STREAM_WINDOW,
} from "./messages.ts"
import { skipNoise } from "./preamble.ts"
import type { RunnerCall } from "./runner-calls.ts"
import { type CallInput, type CallOutput, type PlainCall, parseInput, parseOutput } from "./runner-dispatch.ts"
import type { Content } from "./runner-port.ts"

/** The desktop's end of a stream to `hotfix-runner serve`. Everything it throws is a `FailureError`. */
export interface Connection {
	call<C extends PlainCall>(call: C, input: CallInput<C>): Promise<CallOutput<C>>
	/** A call followed by content; those of several callers go one after the other, without waiting for answers. */
	supply(input: CallInput<"supply">, content: Content): Promise<void>
	/** A call answered by a stream; an aborted signal ends it early, without an error. */
	follow(input: CallInput<"attach">, signal?: AbortSignal): AsyncGenerator<unknown>
	/** Every call under way ends with `connection-lost`. */
	close(): Promise<void>
}

/** Who waits for the answers of one call. */
interface Caller {
	/** `length`: bytes of the whole message. Throws what ends the connection. */
	take(answer: Answer, length: number): void
	fail(error: FailureError): void
}

/** Begins to read at once. `nonce`: skip everything before the runner's first line (see `preamble.ts`). */
export function createConnection(stream: ByteStream, nonce?: string): Connection {
	const writer = createMessageWriter(stream)
	const callers = createCallers(stream)
	const supply = createSupply(writer, callers)

	async function read() {
		const source = nonce === undefined ? stream.read : skipNoise(stream.read, nonce)
		for await (const message of readMessages(source)) takeMessage(message)
	}
	function takeMessage(message: Message) {
		const { answer, length } = parseAnswer(message)
		callers.take(answer, length)
	}
	read().then(() => callers.lose(new FailureError("connection-lost", { reason: "the far side ended" })), callers.lose)

	return {
		call: (call, input) =>
			callers.answerOf(call, async (id) => {
				if (call === "start") await supply.sent()
				await writer.json({ id, call, input: parseInput(call, input) })
			}),
		supply: supply.supply,
		follow: (input, signal) => follow({ writer, callers, sent: supply.sent }, input, signal),
		close: () => callers.lose(new FailureError("connection-lost", { reason: "closed here" })),
	}
}

type Callers = ReturnType<typeof createCallers>

/** The calls under way by number, and the one way in which all of them end when the stream is lost. */
function createCallers(stream: ByteStream) {
	const waiting = new Map<number, Caller>()
	let lost: FailureError | undefined
	let lastId = 0

	async function lose(error: unknown) {
		lost ??= lostBy(error)
		for (const caller of waiting.values()) caller.fail(lost)
		waiting.clear()
		// Closing what is broken already: everybody has been told.
		await stream.close().catch(() => {})
	}

	function add(caller: Caller): number {
		if (lost) throw lost
		waiting.set(++lastId, caller)
		return lastId
	}

	return {
		lose,
		add,
		/** True when the call was still waiting. */
		remove: (id: number) => waiting.delete(id),
		take(answer: Answer, length: number) {
			if (answer.id === 0 && "failure" in answer) throw new FailureError(answer.failure.code, answer.failure.data)
			waiting.get(answer.id)?.take(answer, length)
		},
		/** The one answer to what `send` sends. */
		async answerOf<C extends PlainCall>(call: C, send: (id: number) => Promise<void>): Promise<CallOutput<C>> {
			let id = 0
			try {
				const answer = await new Promise<Answer>((take, fail) => {
					id = add({ take, fail })
					send(id).catch((error) => fail(failureErrorOf(error)))
				})
				return outputOf(call, answer)
			} finally {
				waiting.delete(id)
			}
		},
	}
}

function createSupply(writer: MessageWriter, callers: Callers) {
	let previous: Promise<unknown> = Promise.resolve()

	/** The content, then its end mark even where the content failed: the far side refuses it by its digest. */
	async function send(id: number, input: CallInput<"supply">, content: Content, isAnswered: () => boolean) {
		await writer.json({ id, call: "supply", input: parseInput("supply", input) })
		try {
			for await (const piece of content) {
				if (isAnswered()) break
				if (piece.length > 0) await writer.bytes(piece)
			}
		} finally {
			await writer.bytes(new Uint8Array(0))
		}
	}

	async function supply(input: CallInput<"supply">, content: Content): Promise<void> {
		let answered = false
		const before = previous
		const answer = callers.answerOf("supply", (id) => {
			const sent = before.then(() => send(id, input, content, () => answered))
			previous = sent.catch(() => {
				// Told to its own caller; the next content does not depend on it.
			})
			return sent
		})
		await answer.finally(() => {
			answered = true
		})
	}

	/** Resolves when all contents that were given have gone out: a start, and whoever follows it, goes behind them. */
	return { supply, sent: () => previous }
}

async function* follow(
	{ writer, callers, sent }: { writer: MessageWriter; callers: Callers; sent: () => Promise<unknown> },
	input: CallInput<"attach">,
	signal?: AbortSignal,
): AsyncGenerator<unknown> {
	const inbox = createInbox<{ item: unknown; length: number }>()
	const id = callers.add({ take: (answer, length) => deliver(answer, length), fail: inbox.fail })
	const unread = createAllowance()
	const onAbort = () => inbox.end()
	function deliver(answer: Answer, length: number) {
		if ("item" in answer) {
			unread.add(length)
			return void inbox.push({ item: answer.item, length })
		}
		callers.remove(id)
		if ("failure" in answer) inbox.fail(errorOf(answer))
		else inbox.end()
	}
	try {
		signal?.addEventListener("abort", onAbort)
		await sent()
		if (signal?.aborted) return
		await writer.json({ id, call: "attach", input: parseInput("attach", input) })
		let taken = 0
		for await (const { item, length } of inbox) {
			unread.remove(length)
			if (signal?.aborted) return
			if (++taken % GRANT === 0) {
				unread.grant(GRANT)
				await writer.json({ id, call: "more", items: GRANT })
			}
			yield item
		}
	} finally {
		signal?.removeEventListener("abort", onAbort)
		// Not ended by the far side, so it has to be told; where it does not listen, nobody here waits for that.
		if (callers.remove(id)) writer.json({ id, call: "stop" }).catch(() => {})
	}
}

/** Items granted at once. */
const GRANT = STREAM_WINDOW / 2

/** Bytes of items that nobody has read yet: more than an honest window of the longest pieces of output. */
const MAX_UNREAD = 256 * 1024 * 1024

/** What a stream may still send; a far side that takes more than it was granted is not listened to any longer. */
function createAllowance() {
	let items = STREAM_WINDOW
	let bytes = MAX_UNREAD
	return {
		add(length: number) {
			items--
			bytes -= length
			if (items < 0 || bytes < 0) throw new FailureError("bad-request", { reason: "more events than were asked for" })
		},
		remove(length: number) {
			bytes += length
		},
		grant(more: number) {
			items += more
		},
	}
}

function parseAnswer(message: Message): { answer: Answer; length: number } {
	const parsed = message.kind === "json" ? answerSchema.safeParse(message.value) : undefined
	if (parsed?.success && message.kind === "json") return { answer: parsed.data, length: message.length }
	throw new FailureError("bad-request", { reason: "a message that is no answer" })
}

function outputOf<C extends RunnerCall>(call: C, answer: Answer): CallOutput<C> {
	if ("failure" in answer) throw errorOf(answer)
	return parseOutput(call, "output" in answer ? answer.output : undefined)
}

function errorOf({ failure }: Extract<Answer, { failure: unknown }>): FailureError {
	return new FailureError(failure.code, failure.data, failure.findings && { findings: failure.findings })
}

/** What the calls under way are told: bytes that make no sense are the runner's fault, all else a lost connection. */
function lostBy(error: unknown): FailureError {
	if (!(error instanceof FailureError)) return new FailureError("connection-lost", {}, { cause: error })
	if (error.failure.code !== "bad-request") return error
	return new FailureError("runner-failed", error.failure.data, { cause: error })
}
