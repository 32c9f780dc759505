import { ORPCError } from "@orpc/server"
import { RPCHandler } from "@orpc/server/ws"
import { z } from "zod"
import { type Failure, FailureError } from "../schema/failure.ts"
import { createRouter } from "./router.ts"
import { failureOf } from "./services/failure-of.ts"
import type { Services } from "./services/types.ts"

/** Longest message a client may send, characters; its calls are small. */
const MESSAGE_LIMIT = 16_000_000

/** A connection to one client, whatever carries it: a MessagePort or a WebSocket. */
export type RpcChannel = {
	/** Resolves when the message is on its way: a slow client slows down what is read for it. */
	send(message: string | Uint8Array): Promise<void> | void
	onMessage(listener: (message: unknown) => void): void
	onClose(listener: () => void): void
}

export type RpcServer = { serve(channel: RpcChannel): void }

/** Answers the contract's calls on any number of channels. Every error leaves as the typed error `FAILURE`. */
export function createRpcServer(services: Services): RpcServer {
	const { log } = services
	const handler = new RPCHandler(createRouter(services), {
		clientInterceptors: [
			async ({ next, path }) => {
				try {
					const output = await next()
					return isIterable(output) ? withFailures(output, (error) => toRpcError(error, path, log)) : output
				} catch (error) {
					throw toRpcError(error, path, log)
				}
			},
		],
	})
	return {
		serve(channel) {
			const upgraded = handler.upgrade({
				send: (message: string | Uint8Array) => channel.send(message),
				addEventListener: (type: string, listener: (event: { data?: unknown }) => void) => {
					if (type === "message") channel.onMessage((data) => isMessage(data) && listener({ data }))
					if (type === "close") channel.onClose(() => listener({}))
				},
			} as unknown as Parameters<typeof handler.upgrade>[0])
			upgraded.catch((error) => log(`cannot serve a client: ${failureOf(error).data.message}`))
		},
	}
}

/**
 * What oRPC's own clients send: a request, an event for one, the end of one. Its peer prints a stack trace on anything
 * else; a client is not to be trusted with that.
 */
const messageSchema = z.union([
	z.object({ i: z.string(), t: z.literal(1).optional(), p: z.object({ u: z.string().startsWith("/") }) }),
	z.object({ i: z.string(), t: z.literal(3), p: z.object({ e: z.string() }) }),
	z.object({ i: z.string(), t: z.literal(4) }),
])

function isMessage(data: unknown): boolean {
	if (typeof data !== "string" || data.length > MESSAGE_LIMIT) return false
	try {
		return messageSchema.safeParse(JSON.parse(data)).success
	} catch {
		return false // Not JSON, so no message of ours.
	}
}

function toRpcError(error: unknown, path: readonly string[], log: (line: string) => void): unknown {
	const failure = failureOfCall(error)
	if (failure.code === "internal") log(`${path.join(".")}: ${error instanceof Error ? error.stack : error}`)
	return new ORPCError("FAILURE", { data: failure, message: failure.code })
}

function failureOfCall(error: unknown): Failure {
	if (!(error instanceof ORPCError)) return failureOf(error)
	if (error.code !== "BAD_REQUEST") return { code: "internal", data: { message: error.message } }
	return new FailureError("bad-request", { reason: issuesOf(error.data) }).failure
}

function issuesOf(data: unknown): string {
	const issues = typeof data === "object" && data !== null && "issues" in data ? data.issues : undefined
	if (!Array.isArray(issues)) return "the request cannot be read"
	return issues
		.slice(0, 5)
		.map((issue: { path?: unknown[]; message?: unknown }) => `${issue.path?.join(".") ?? ""}: ${issue.message}`)
		.join("; ")
}

function isIterable(output: unknown): output is AsyncIterable<unknown> {
	return typeof output === "object" && output !== null && Symbol.asyncIterator in output
}

async function* withFailures(items: AsyncIterable<unknown>, map: (error: unknown) => unknown) {
	try {
		yield* items
	} catch (error) {
		throw map(error)
	}
}
