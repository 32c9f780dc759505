import { setTimeout as sleep } from "node:timers/promises"
import type { RunnerPort } from "../protocol/runner-port.ts"
import type { AnyEvent } from "../schema/event.ts"
import { type Failure, type FailureCode, FailureError } from "../schema/failure.ts"

export type FollowItem =
	| { type: "event"; event: AnyEvent }
	| { type: "connection"; state: "connected" }
	/** Nothing is known about the run until it is connected again; the run itself goes on. */
	| { type: "connection"; state: "lost"; failure: Failure; retryInMs: number }

export interface FollowOptions {
	/** Connects anew; called after each loss. */
	connect: () => Promise<Pick<RunnerPort, "attach" | "close">>
	/** The connection that there is already; it is not closed by following over it. */
	port?: Pick<RunnerPort, "attach" | "close"> | undefined
	run: string
	/** Number of the last event that is already known. */
	after?: number | undefined
	signal?: AbortSignal | undefined
	/** Milliseconds before each attempt to connect again; the last one is used from then on. */
	waitsMs?: readonly number[] | undefined
}

const WAITS_MS = [1000, 2000, 4000, 8000, 16_000, 30_000]

/** What may pass by itself: the appliance restarts, its sshd does, the network is away, the desktop slept. */
const PASSING: ReadonlySet<FailureCode> = new Set([
	"connection-lost",
	"timed-out",
	"refused",
	"unreachable",
	"name-not-found",
	"not-ssh",
	"channel-refused",
	"runner-failed",
	"disk-full",
])

/**
 * The events of a run to its end, over as many connections as it takes: no gap, no double. Ends after `run-finished`, or
 * when the signal aborts; a lost connection is told and never ends it. Throws what waiting does not cure: the host key
 * changed, the sign-in was refused, the appliance does not know the run.
 */
export async function* followRun(options: FollowOptions): AsyncGenerator<FollowItem, void, undefined> {
	const { signal, waitsMs = WAITS_MS } = options
	let last = options.after ?? 0
	let losses = 0
	let port = options.port
	const isOwn = () => port !== undefined && port !== options.port
	try {
		while (!signal?.aborted) {
			try {
				if (!port) {
					port = await options.connect()
					yield { type: "connection", state: "connected" }
				}
				for await (const event of port.attach(options.run, last, signal)) {
					if (event.seq <= last) continue
					last = event.seq
					losses = 0
					yield { type: "event", event }
					if (event.type === "run-finished") return
				}
				if (signal?.aborted) return
				// The far side says that there is nothing more although the run has not ended: its runner died.
				throw new FailureError("connection-lost", { reason: "the events ended before the run" })
			} catch (error) {
				if (signal?.aborted) return
				const failure = passingFailure(error)
				if (isOwn()) await closeQuietly(port)
				port = undefined
				const retryInMs = waitsMs[Math.min(losses++, waitsMs.length - 1)] ?? 0
				yield { type: "connection", state: "lost", failure, retryInMs }
				await pause(retryInMs, signal)
			}
		}
	} finally {
		if (isOwn()) await closeQuietly(port)
	}
}

function passingFailure(error: unknown): Failure {
	if (error instanceof FailureError && PASSING.has(error.failure.code)) return error.failure
	throw error
}

/** What is broken already is closed without a word. */
async function closeQuietly(port: Pick<RunnerPort, "close"> | undefined): Promise<void> {
	await port?.close().catch(() => undefined)
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
	// Aborted while waiting: the loop sees it.
	await sleep(ms, undefined, signal ? { signal } : {}).catch(() => undefined)
}
