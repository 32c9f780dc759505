import type { RunnerPort } from "../../protocol/runner-port.ts"
import type { Appliance } from "../../schema/appliance.ts"
import type { FailureCode } from "../../schema/failure.ts"
import type { Contacts } from "../services/contacts.ts"
import { failureOf } from "../services/failure-of.ts"
import { untilAborted, within } from "../services/waiting.ts"

/** Whoever browses asks again soon; a connection costs more than all the rest. */
const IDLE_MS = 60_000

/** What an appliance answers about a file: the connection is as good as before. */
const ANSWERS: ReadonlySet<FailureCode> = new Set([
	"not-found",
	"not-permitted",
	"file-unreadable",
	"changed-meanwhile",
	"source-refused",
	"bad-request",
])

interface Kept {
	opening: Promise<{ port: RunnerPort }>
	/** Those who wait for it or use it. */
	users: number
	/** Ends the opening; nobody's own cancel does. */
	stop: AbortController
	timer?: ReturnType<typeof setTimeout>
}

/** A changed address or sign-in is another connection. */
function keyOf({ id, host, port, user, signIn, become, jump }: Appliance): string {
	return JSON.stringify([id, host, port, user, signIn, become, jump])
}

interface Limit {
	seconds: number
	phase: string
	signal?: AbortSignal | undefined
}

/** Connections that stay open for a while after they were used. */
export function createKeptRunners(contacts: Pick<Contacts, "open">, idleMs = IDLE_MS) {
	const kept = new Map<string, Kept>()

	async function drop(key: string, one: Kept) {
		if (kept.get(key) === one) kept.delete(key)
		clearTimeout(one.timer)
		one.stop.abort()
		const opened = await one.opening.catch(() => undefined) // Whoever asked for it has the failure.
		await opened?.port.close()
	}

	function take(appliance: Appliance): Kept {
		const key = keyOf(appliance)
		const known = kept.get(key)
		if (known) return known
		const stop = new AbortController()
		const one: Kept = { opening: contacts.open(appliance, { signal: stop.signal }), users: 0, stop }
		one.opening.catch(() => undefined) // Everybody who waited may have left; whoever waits has the failure.
		kept.set(key, one)
		return one
	}

	async function attempt<T>(appliance: Appliance, limit: Limit, use: (port: RunnerPort) => Promise<T>): Promise<T> {
		const one = take(appliance)
		one.users++
		clearTimeout(one.timer)
		try {
			const { port } = await untilAborted(one.opening, limit.signal, limit.phase)
			return await untilAborted(within(limit.seconds, limit.phase, use(port)), limit.signal, limit.phase)
		} catch (error) {
			const isLeaving = limit.signal?.aborted === true && one.users > 1
			if (!isLeaving && !ANSWERS.has(failureOf(error).code)) await drop(keyOf(appliance), one)
			throw error
		} finally {
			one.users--
			if (one.users === 0 && kept.get(keyOf(appliance)) === one) {
				one.timer = setTimeout(() => void drop(keyOf(appliance), one), idleMs)
				one.timer.unref()
			}
		}
	}

	return {
		/**
		 * One that was kept and is lost by now is opened anew, once, and so is one whose opening somebody else gave up.
		 * `use` may then be called twice.
		 */
		async withRunner<T>(appliance: Appliance, limit: Limit, use: (port: RunnerPort) => Promise<T>): Promise<T> {
			const wasKept = kept.has(keyOf(appliance))
			try {
				return await attempt(appliance, limit, use)
			} catch (error) {
				const { code } = failureOf(error)
				const isOthers = code === "connection-lost" || (code === "cancelled" && !limit.signal?.aborted)
				if (!wasKept || !isOthers) throw error
				return attempt(appliance, limit, use)
			}
		},
		async close() {
			await Promise.all([...kept].map(([key, one]) => drop(key, one)))
		},
	}
}
