import { type AnyEvent, parseEvent } from "../schema/event.ts"
import { FailureError } from "../schema/failure.ts"
import type { ByteStream } from "./byte-stream.ts"
import { createConnection } from "./connection.ts"
import { PROTOCOL_VERSION } from "./runner-calls.ts"
import { incompatible } from "./runner-dispatch.ts"
import type { RunnerPort } from "./runner-port.ts"

/**
 * A runner at the far end of a byte stream. `nonce`: as given to `hotfix-runner serve --nonce`. Call `hello` first: it
 * fails with `runner-incompatible` where the two sides cannot understand each other. A lost stream ends every call
 * under way, and every later one, with `connection-lost`; runs on the appliance go on.
 */
export function createRemoteRunner(stream: ByteStream, options: { nonce?: string } = {}): RunnerPort {
	const connection = createConnection(stream, options.nonce)

	async function* attach(run: string, after = 0, signal?: AbortSignal): AsyncGenerator<AnyEvent> {
		for await (const item of connection.follow({ run, after }, signal)) yield eventOf(item)
	}

	return {
		async hello() {
			const hello = await connection.call("hello", { protocol: PROTOCOL_VERSION })
			if (hello.protocol !== PROTOCOL_VERSION) throw incompatible(PROTOCOL_VERSION, hello.protocol)
			return hello
		},
		status: () => connection.call("status", {}),
		history: (filter) => connection.call("history", filter),
		plan: (request) => connection.call("plan", request),
		listFolder: (request) => connection.call("listFolder", request),
		readFile: (request) => connection.call("readFile", request),
		readContent: (request) => connection.call("readContent", request),
		statFiles: async (destinations) => (await connection.call("statFiles", { destinations })).files,
		missing: async (digests) => (await connection.call("missing", { digests })).missing,
		supply: (digest, size, content, packing = "none") => connection.supply({ digest, size, packing }, content),
		prepare: async (run) => void (await connection.call("prepare", { run })),
		start: (request) => connection.call("start", request),
		revert: (request) => connection.call("revert", request),
		started: (run) => connection.call("started", { run }),
		recover: () => connection.call("recover", {}),
		attach,
		cancel: async (run) => void (await connection.call("cancel", { run })),
		confirm: async (run, pool) => void (await connection.call("confirm", { run, pool })),
		close: connection.close,
	}
}

function eventOf(item: unknown): AnyEvent {
	const event = parseEvent(item)
	if (event) return event
	throw new FailureError("runner-incompatible", { reason: "attach: an item that is no event" })
}
