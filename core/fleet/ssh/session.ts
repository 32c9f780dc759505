import { setTimeout as sleep } from "node:timers/promises"
import type { Appliance } from "../../schema/appliance.ts"
import { FailureError } from "../../schema/failure.ts"
import type { Asker } from "./asker.ts"
import { TOO_MANY_CONNECTIONS } from "./classify-dial-failure.ts"
import type { SshConfig } from "./config/ssh-config.ts"
import type { Credentials } from "./credentials.ts"
import { dial } from "./dial.ts"
import { createInterview, type Interview } from "./interview.ts"
import type { KnownHosts } from "./known-hosts.ts"
import { planRoute, type Target } from "./route.ts"
import type { Session } from "./signed-in.ts"

export type { Session, SessionFacts } from "./signed-in.ts"

/** Milliseconds that each phase may take, at each server on the way, without the time in which a person is asked. */
export interface Deadlines {
	/** To a TCP connection; behind a jump host, until that has one. */
	connect: number
	/** From there to the end of the key exchange. */
	handshake: number
	signIn: number
	/** Between two beats; a silent peer is given up at the third one that is missed. */
	keepalive: number
}

export interface SessionDeps {
	asker?: Asker | undefined
	knownHosts: KnownHosts
	credentials: Credentials
	/** The user's own SSH configuration; absent or null for none. */
	sshConfig?: SshConfig | null | undefined
	signal?: AbortSignal | undefined
	/**
	 * Whether a run there is followed that may lock us out for a while and let us in again: a password that was right before
	 * stays remembered though it is refused. Never when absent.
	 */
	isAwaited?: (() => boolean) | undefined
	/** Where the agent listens; `SSH_AUTH_SOCK` when absent, null for none. */
	agentSocket?: string | null | undefined
	deadlines?: Partial<Deadlines> | undefined
}

/** A dead peer is noticed after three beats: 24 seconds. */
export const DEADLINES: Deadlines = { connect: 15_000, handshake: 20_000, signIn: 30_000, keepalive: 8_000 }
/** Connections that may die while a person thinks about a question before that is a failure. */
const MAX_DIALS = 3
/** Before each further attempt at a server that has too many connections; about as long, so that not all come at once. */
const FULL_WAITS_MS = [500, 1000, 2000]

/**
 * Connects and signs in, over the jump hosts on the way. Every failure is a `FailureError` and names the server that it
 * is about; whatever had been opened by then is closed.
 */
export async function openSession(appliance: Appliance, deps: SessionDeps): Promise<Session> {
	const route = await planRoute(appliance, deps.sshConfig)
	let reached: Session | undefined
	for (const target of route) {
		try {
			reached = await openNext(target, deps, reached)
		} catch (error) {
			await reached?.close()
			throw error
		}
	}
	if (!reached) throw new FailureError("internal", { message: "a way without a server at its end" })
	return reached
}

/**
 * A server that lost patience while a person was asked is dialled again with the answer; one that has too many
 * connections, after a while.
 */
async function openNext(target: Target, deps: SessionDeps, via: Session | undefined): Promise<Session> {
	const interview = createInterview({ ...target, isJump: target.signIn === undefined }, deps)
	const waits = [...FULL_WAITS_MS]
	for (let dials = 1; ; ) {
		try {
			return await dial({ target, deps, interview, via, deadlines: { ...DEADLINES, ...deps.deadlines } })
		} catch (error) {
			const wait = isFull(error) ? waits.shift() : undefined
			if (wait !== undefined) await pause(wait * (0.5 + Math.random()), deps.signal)
			else if (!isImpatience(error, interview) || dials++ === MAX_DIALS) throw error
			else if ((await interview.open)?.kind === "refuse") throw error
		}
	}
}

function isFull(error: unknown): boolean {
	return error instanceof FailureError && error.failure.data.reason === TOO_MANY_CONNECTIONS
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
	try {
		await sleep(ms, undefined, signal && { signal })
	} catch (cause) {
		throw new FailureError("cancelled", { what: "the connection" }, { cause })
	}
}

function isImpatience(error: unknown, interview: Interview): boolean {
	return error instanceof FailureError && error.failure.code === "connection-lost" && interview.open !== undefined
}
