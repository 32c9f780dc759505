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
	/** Milliseconds without a word after which the connection counts as lost; `SILENCE_MS` when absent. */
	silenceMs?: number | undefined
	/**
	 * Milliseconds for which being locked out is waited for too, 0 when absent: the run itself may have changed who is let
	 * in, and the appliance takes that back when nobody confirms it.
	 */
	patienceMs?: number | undefined
}

const WAITS_MS = [1000, 2000, 4000, 8000, 16_000, 30_000]

/** A run says that it is alive every 5 seconds. A connection can live on although the runner at its end does not. */
const SILENCE_MS = 60_000

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

/** What a hotfix to sshd, sudo or accounts can do to us. */
const LOCKED_OUT: ReadonlySet<FailureCode> = new Set([
	"authentication-failed",
	"too-many-authentication-failures",
	"password-needed",
	"sudo-password-needed",
	"host-key-changed",
	"no-common-algorithm",
	"sudo-refused",
	"not-permitted",
])

/**
 * The events of a run to its end, over as many connections as it takes: no gap, no double. Ends after `run-finished`, or
 * when the signal aborts; a lost connection is told and never ends it. Throws what waiting does not cure: the host key
 * changed, the sign-in was refused, the appliance does not know the run.
 */
export async function* followRun(options: FollowOptions): AsyncGenerator<FollowItem, void, undefined> {
	const { signal, waitsMs = WAITS_MS, silenceMs = SILENCE_MS } = options
	let last = options.after ?? 0
	let losses = 0
	let lockedOutAt: number | undefined
	let port = options.port
	const isOwn = () => port !== undefined && port !== options.port
	try {
		while (!signal?.aborted) {
			try {
				if (!port) {
					port = await options.connect()
					lockedOutAt = undefined
					yield { type: "connection", state: "connected" }
				}
				for await (const event of untilSilent(port, { run: options.run, after: last, signal, silenceMs })) {
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
				if (isFailure(error, LOCKED_OUT)) lockedOutAt ??= Date.now()
				const isPatient = lockedOutAt !== undefined && Date.now() - lockedOutAt < (options.patienceMs ?? 0)
				if (!isFailure(error, PASSING) && !(isPatient && isFailure(error, LOCKED_OUT))) throw error
				if (isOwn()) await closeQuietly(port)
				port = undefined
				const retryInMs = waitsMs[Math.min(losses++, waitsMs.length - 1)] ?? 0
				yield { type: "connection", state: "lost", failure: error.failure, retryInMs }
				await pause(retryInMs, signal)
			}
		}
	} finally {
		if (isOwn()) await closeQuietly(port)
	}
}

/** The events of one connection; throws `connection-lost` when none came for so long. */
async function* untilSilent(
	port: Pick<RunnerPort, "attach">,
	{
		run,
		after,
		signal,
		silenceMs,
	}: { run: string; after: number; signal?: AbortSignal | undefined; silenceMs: number },
): AsyncGenerator<AnyEvent> {
	const silent = new AbortController()
	const start = () => setTimeout(() => silent.abort(), silenceMs)
	let timer = start()
	try {
		for await (const event of port.attach(
			run,
			after,
			signal ? AbortSignal.any([signal, silent.signal]) : silent.signal,
		)) {
			// Whoever takes the events may be slow: that is no silence over there.
			clearTimeout(timer)
			yield event
			timer = start()
		}
	} finally {
		clearTimeout(timer)
	}
	if (silent.signal.aborted) throw new FailureError("connection-lost", { reason: "no sign of life from the run" })
}

/** Whether a failure may pass by itself: then it is worth trying again. */
export function isPassing({ code }: Failure): boolean {
	return PASSING.has(code)
}

function isFailure(error: unknown, codes: ReadonlySet<FailureCode>): error is FailureError {
	return error instanceof FailureError && codes.has(error.failure.code)
}

/** What is broken already is closed without a word. */
async function closeQuietly(port: Pick<RunnerPort, "close"> | undefined): Promise<void> {
	await port?.close().catch(() => undefined)
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
	// Aborted while waiting: the loop sees it.
	await sleep(ms, undefined, signal ? { signal } : {}).catch(() => undefined)
}
