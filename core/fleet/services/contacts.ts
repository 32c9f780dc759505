import type { Hello } from "../../protocol/runner-calls.ts"
import type { RunnerPort } from "../../protocol/runner-port.ts"
import type { Appliance } from "../../schema/appliance.ts"
import { connectionFactsSchema } from "../../schema/desktop.ts"
import { failureOf } from "./failure-of.ts"
import type { Questions } from "./questions-service.ts"
import type { Registry } from "./registry.ts"
import type { Connect, Connected, ConnectProgress } from "./types.ts"
import { untilAborted, within } from "./waiting.ts"

/** Seconds within which a connected runner must greet. */
const HELLO_SECONDS = 30

/** How long a connection is kept for what was begun when it was opened, milliseconds. */
const CLOSE_MS = 5000

/** `onProgress`: what is brought there before the runner answers. `onStarted`: see `Connect`. */
type OpenOptions = {
	signal?: AbortSignal | undefined
	onProgress?: (progress: ConnectProgress) => void
	onStarted?: (port: RunnerPort) => void
	/** In place of a person. */
	ask?: Questions["ask"]
}

export type Contacts = ReturnType<typeof createContacts>

/** Connections to appliances, and what each taught us about the appliance. */
export function createContacts(
	connect: Connect,
	questions: Pick<Questions, "ask">,
	registry: Registry,
	/** What it begins with the connection has a few seconds to end before that is closed. */
	onReached: (appliance: Appliance, port: RunnerPort) => Promise<void> | undefined = () => undefined,
) {
	const awaited = new Map<string, number>()

	/**
	 * From now on until the answer is called, the appliance may lock us out and let us in again by itself: nobody's refused
	 * sign-in forgets a password that was right before.
	 */
	const startAwaiting = (applianceId: string): (() => void) => {
		const add = (count: number) => awaited.set(applianceId, (awaited.get(applianceId) ?? 0) + count)
		add(1)
		return () => void add(-1)
	}

	/** Connects without a word to anybody: for the many attempts to reach a run again. */
	const reconnect = (appliance: Appliance, options: OpenOptions = {}): Promise<Connected> => {
		const { signal, ask: answer = questions.ask, ...told } = options
		const ask: Parameters<Connect>[1]["ask"] = (question, gone) => answer(question, anyOf(signal, gone))
		const isAwaited = () => (awaited.get(appliance.id) ?? 0) > 0
		const connecting = connect(appliance, { ask, isAwaited, ...(signal && { signal }), ...told })
		// Given up while it was still connecting: what arrives later is nobody's, and must not stay open.
		const whenLate = async () => {
			if (signal?.aborted) await (await connecting).close()
		}
		connecting.then(whenLate).catch(() => undefined) // The failure is the caller's, below.
		return untilAborted(connecting, signal, "the sign-in")
	}

	/** Connects and greets; success and failure are both noted at the appliance. */
	const open = async (appliance: Appliance, options: OpenOptions = {}): Promise<{ port: RunnerPort; hello: Hello }> => {
		try {
			const port = await reconnect(appliance, options)
			const hello = await greet(port, options.signal)
			const { os, hostname, node, root, systemd } = hello
			const connection = port.session && { connection: connectionFactsSchema.parse(port.session) }
			const facts = { os, hostname, node, root, systemd, ...connection }
			registry.see(appliance.id, { lastSeen: new Date().toISOString(), facts, lastFailure: undefined })
			return { port: closeAfter(port, onReached(appliance, port)), hello }
		} catch (error) {
			const lastFailure = failureOf(error)
			if (lastFailure.code !== "cancelled") registry.see(appliance.id, { lastFailure })
			throw error
		}
	}

	/** One piece of work on a connection of its own, which is closed whatever happens. */
	const withRunner = async <T>(
		appliance: Appliance,
		limit: { seconds: number; phase: string; signal?: AbortSignal | undefined },
		use: (port: RunnerPort) => Promise<T>,
	): Promise<T> => {
		const { port } = await open(appliance, { signal: limit.signal })
		try {
			return await untilAborted(within(limit.seconds, limit.phase, use(port)), limit.signal, limit.phase)
		} finally {
			await port.close()
		}
	}

	return { reconnect, open, withRunner, startAwaiting }
}

/** `work` never fails. */
function closeAfter(port: RunnerPort, work: Promise<void> | undefined): RunnerPort {
	if (!work) return port
	let isOver = false
	void work.then(() => (isOver = true))
	const patience = () => new Promise<void>((resolve) => setTimeout(resolve, CLOSE_MS).unref())
	const close = async () => {
		if (!isOver) await Promise.race([work, patience()])
		await port.close()
	}
	return { ...port, close }
}

function anyOf(...signals: (AbortSignal | undefined)[]): AbortSignal {
	return AbortSignal.any(signals.filter((signal) => signal !== undefined))
}

async function greet(port: RunnerPort, signal?: AbortSignal): Promise<Hello> {
	try {
		return await untilAborted(within(HELLO_SECONDS, "the greeting", port.hello()), signal, "the sign-in")
	} catch (error) {
		await port.close()
		throw error
	}
}
