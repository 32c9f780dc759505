import { readContent } from "../../folder/read-content.ts"
import { makeRunId } from "../../protocol/run-id.ts"
import type { RunRequest, StartResult } from "../../protocol/runner-calls.ts"
import type { RunnerPort } from "../../protocol/runner-port.ts"
import type { Upload } from "../../schema/desktop.ts"
import { type Failure, type FailureCode, FailureError } from "../../schema/failure.ts"
import type { Pool } from "../../schema/module.ts"
import { followRun } from "../follow-run.ts"
import { digestsOf, supplyContents } from "../supply.ts"
import { attachAhead } from "./attach-ahead.ts"
import { createConfirmer } from "./confirm-pools.ts"
import type { Contacts } from "./contacts.ts"
import { failureOf } from "./failure-of.ts"
import type { RunRecord } from "./run-record.ts"
import type { ConnectProgress } from "./types.ts"
import { untilAborted, whileMoving, within } from "./waiting.ts"

/** Seconds within which an appliance must answer. */
const ANSWER_SECONDS = 60
/** Seconds in which an upload must get on: an appliance may have much to write to disk before it answers. */
const STILL_SECONDS = 300
/** Seconds until an appliance must say whether it starts a run: it may have to recover an earlier one first. */
const START_SECONDS = 660
/** Seconds a recovery may take: closures run again. */
const RECOVER_SECONDS = 3600
/** Upload progress is told at most this often, milliseconds. */
const PROGRESS_MS = 200

/** What is said of a run whose start was asked for and not answered. */
const NOT_KNOWN = "before the appliance had said whether the run started"
/** And once the appliance was asked about it, and knows nothing of it. */
const NEVER_BEGAN = "before the appliance had started the run: it did not begin, and has changed nothing there"

/** What is said of a run that never stops talking; it goes on there, and its end is in the appliance's own history. */
const TOO_MUCH = "it says more about one run than can be kept here"

const after = (ms: number) => new Date(Date.now() + ms).toISOString()
const now = () => after(0)

/** `port` gives the events that were asked for together with the start. Absent: nobody knows yet whether it began. */
export type Started = { port?: RunnerPort; run: string }

/** `cancelled`: before the appliance was asked to start. `closing`: whatever is awaited, this program ends. */
export type LaunchSignals = { cancelled: AbortSignal; closing: AbortSignal }

/**
 * Brings a run to its start on an appliance: connects, and asks for it under the id that it is to have. `ask` calls `asking`
 * at the moment from which the appliance may begin. Busy, refused, unreachable and cancelled become the run's `not-started`;
 * undefined then. Without a `port` nobody knows whether it began: the connection was lost before the answer.
 */
export async function bringToStart(
	record: RunRecord,
	signal: AbortSignal,
	open: () => Promise<RunnerPort>,
	ask: (port: RunnerPort, asking: () => string) => Promise<{ answer: StartResult; port: RunnerPort }>,
	run = makeRunId(),
): Promise<Started | undefined> {
	let opened: RunnerPort | undefined
	let isAsked = false
	const asking = () => {
		record.ask(run)
		isAsked = true
		return run
	}
	try {
		signal.throwIfAborted()
		opened = await open()
		record.step({ type: "connected" })
		const { answer, port } = await ask(opened, asking)
		if (answer.state === "started") {
			record.step({ type: "started", run: answer.run })
			return { port, run: answer.run }
		}
		record.step({ type: "not-started", failure: failureOfAnswer(answer), at: now() })
	} catch (error) {
		const isCancelled = signal.aborted && !isAsked
		const failure = isCancelled ? { code: "cancelled" as const, data: { what: "the run" } } : failureOf(error)
		if (isAsked && isDoubt(error)) {
			record.step({ type: "lost", failure, retryAt: now() })
			await opened?.close()
			return { run }
		}
		record.step({ type: "not-started", failure, at: now() })
	}
	await opened?.close()
	return undefined
}

/**
 * Brings a run to its start: connect, upload, start. `check` looks at the appliance last of all, and fails where the run must
 * not begin. What may come of it: see `bringToStart`.
 */
export function launchRun(
	record: RunRecord,
	contacts: Contacts,
	request: RunRequest,
	folder: string,
	{ cancelled: signal, closing }: LaunchSignals,
	check?: (port: RunnerPort, signal: AbortSignal) => Promise<void>,
): Promise<Started | undefined> {
	const progress = createProgress(record)
	const run = makeRunId()
	let missing: Promise<string[]> | undefined
	const askAhead = (started: RunnerPort) => {
		missing = started.missing(digestsOf(request.manifest))
		missing.catch(() => undefined) // The upload gets the failure, or connecting has one.
		started.prepare(run).catch(() => undefined) // Likewise the start, which needs none of it.
	}
	const open = async () => {
		const told = { signal, onProgress: progress.installed, onStarted: askAhead }
		return (await contacts.open(record.appliance, told)).port
	}
	const ask = async (port: RunnerPort, asking: () => string) => {
		const { sent, uploaded } = upload(withMissing(port, missing), request, folder, progress.supplied)
		await untilAborted(sent, signal, "the run")
		if (check) {
			await untilAborted(uploaded, signal, "the run")
			await check(port, signal)
		}
		const as = asking()
		const starting = startOrDoubt(() => port.start({ ...request, as }), closing)
		const events = attachAhead(port, as)
		return { answer: await startedOf(starting, uploaded), port: { ...port, ...events } }
	}
	return bringToStart(record, signal, open, ask, run)
}

/** The question that was asked ahead is not asked again. */
function withMissing(port: RunnerPort, missing: Promise<string[]> | undefined): RunnerPort {
	return missing ? { ...port, missing: () => missing } : port
}

/** `sent`: all is on its way, and a start may follow it; `uploaded`: all has arrived. */
function upload(
	port: RunnerPort,
	{ manifest }: RunRequest,
	folder: string,
	onProgress: (sentBytes: number, totalBytes: number) => void,
) {
	const { promise: onItsWay, resolve: onSent } = Promise.withResolvers<void>()
	const uploaded = whileMoving(STILL_SECONDS, "the upload", (tell) => {
		const progress = (sentBytes: number, totalBytes: number) => {
			tell()
			onProgress(sentBytes, totalBytes)
		}
		return supplyContents(port, manifest, ({ target }) => readContent(folder, target), progress, onSent)
	})
	return { uploaded, sent: Promise.race([onItsWay, uploaded]) }
}

/** A run without all of its contents does not start: then what became of the contents is the reason. */
async function startedOf(starting: Promise<StartResult>, uploaded: Promise<unknown>): Promise<StartResult> {
	const [start, upload] = await Promise.allSettled([starting, uploaded])
	if (start.status === "fulfilled") return start.value
	throw upload.status === "rejected" && !isDoubt(start.reason) ? upload.reason : start.reason
}

/** Once asked, an appliance that falls silent may have started the run: then that is what is said. */
export async function startOrDoubt(asked: () => Promise<StartResult>, closing: AbortSignal): Promise<StartResult> {
	try {
		return await untilAborted(within(START_SECONDS, "the run's start", asked()), closing, "the run")
	} catch (cause) {
		if (!isDoubt(cause)) throw cause
		throw new FailureError("connection-lost", { reason: NOT_KNOWN }, { cause })
	}
}

/** No answer, one that nobody can read, or one that says that the runner itself does not know. */
const DOUBTS: ReadonlySet<FailureCode> = new Set([
	"timed-out",
	"connection-lost",
	"cancelled",
	"runner-incompatible",
	"runner-failed",
	"internal",
])

function isDoubt(cause: unknown): boolean {
	return DOUBTS.has(failureOf(cause).code)
}

/** Seconds besides those of its confirmations that a run may take to put a pool back. */
const WAY_BACK_SECONDS = 300

/** How long a run may lock us out and let us in again by itself: as long as its pools wait to be confirmed. */
export function patienceFor(pools: readonly Pick<Pool, "confirmSeconds">[]): number {
	const waits = pools.flatMap(({ confirmSeconds }) => confirmSeconds ?? [])
	return waits.length === 0 ? 0 : waits.reduce((sum, wait) => sum + wait, WAY_BACK_SECONDS) * 1000
}

/**
 * Follows a run to its end over as many connections as that takes; one of which nobody knows whether it began is asked for
 * first, and `onFound` is called where it did. Ends early when the signal is aborted, or with the run `lost` when no further
 * attempt can succeed without a person (host key, sign-in).
 */
export async function pilotRun(
	record: RunRecord,
	contacts: Contacts,
	{ run, port, onFound }: Started & { onFound?: () => void },
	signal: AbortSignal,
) {
	const connect = async () => {
		const reached = await contacts.reconnect(record.appliance, { signal })
		return orClose(reached, async () => {
			if (record.current().isDoubtful) {
				await askWhetherItBegan(record, reached, run, signal)
				onFound?.()
			}
			await recoverIfDead(reached, run, signal)
		})
	}
	const confirmer = createConfirmer(contacts, record.appliance, run)
	confirmer.resume(record.current())
	const { patienceMs } = record.current()
	const stopAwaiting = patienceMs ? contacts.startAwaiting(record.appliance.id) : undefined
	try {
		for await (const item of followRun({ run, port, connect, after: record.lastSeq(), signal, patienceMs })) {
			if (item.type === "event") {
				record.append(item.event)
				if (record.isFull()) throw new FailureError("runner-incompatible", { reason: TOO_MUCH })
				confirmer.see(item.event)
			} else if (item.state === "lost")
				record.step({ type: "lost", failure: item.failure, retryAt: after(item.retryInMs) })
			else record.step({ type: "attached" })
		}
	} catch (error) {
		const failure = failureOf(error)
		if (signal.aborted) return
		if (error instanceof NeverBegan) record.step({ type: "not-started", failure: error.why, at: now() })
		else if (failure.code === "unknown-run") record.step({ type: "gone", failure, at: now() })
		else record.step({ type: "lost", failure })
	} finally {
		confirmer.end()
		stopAwaiting?.()
		await port?.close()
	}
}

/** The appliance has said why the run did not begin. */
class NeverBegan extends Error {
	readonly why: Failure
	constructor(why: Failure) {
		super("the run did not begin")
		this.why = why
	}
}

async function askWhetherItBegan(record: RunRecord, port: RunnerPort, run: string, signal: AbortSignal): Promise<void> {
	try {
		const asking = within(START_SECONDS, "the run's start", port.started(run))
		const answer = await untilAborted(asking, signal, "the run")
		if (answer.state !== "started") throw new NeverBegan(failureOfAnswer(answer))
		record.step({ type: "started", run: answer.run })
	} catch (error) {
		if (failureOf(error).code !== "unknown-run") throw error
		throw new NeverBegan({ code: "connection-lost", data: { reason: NEVER_BEGAN, began: "no" } })
	}
}

/** A connection on which the work failed is not left open. */
async function orClose(port: RunnerPort, work: () => Promise<void>): Promise<RunnerPort> {
	try {
		await work()
		return port
	} catch (error) {
		await port.close()
		throw error
	}
}

/**
 * After a reboot or a crash over there, nobody would end the run: its open pool is put back now. A run that is alive is
 * not touched by this.
 */
async function recoverIfDead(port: RunnerPort, run: string, signal: AbortSignal): Promise<void> {
	const unlessGivenUp = <T>(work: Promise<T>) => untilAborted(work, signal, "the run")
	const { interrupted } = await unlessGivenUp(within(ANSWER_SECONDS, "the status", port.status()))
	if (interrupted.includes(run))
		await unlessGivenUp(within(RECOVER_SECONDS, "the recovery", unlessBusy(port.recover())))
}

/** Somebody else is at it: an appliance that has booted recovers by itself, and the next run does so first. */
async function unlessBusy(recovering: Promise<unknown>): Promise<void> {
	try {
		await recovering
	} catch (error) {
		if (failureOf(error).code !== "busy") throw error
	}
}

function failureOfAnswer(answer: Exclude<StartResult, { state: "started" }>): Failure {
	if (answer.state === "refused") return answer.failure
	const { run, since, by } = answer
	return { code: "busy", data: { run, since, ...(by !== undefined && { by }) } }
}

/** Notes what was sent, not more often than anybody can read. */
export function createProgress(record: RunRecord) {
	let toldAt = 0
	const tell = (upload: Upload) => {
		const isMore = upload.sentBytes < upload.totalBytes && record.current().upload?.step === upload.step
		if (isMore && Date.now() - toldAt < PROGRESS_MS) return
		toldAt = Date.now()
		record.step({ type: "sent", upload })
	}
	return {
		installed({ step, ...bytes }: ConnectProgress) {
			if (step === "installing" || step === "runtime") tell({ step, ...bytes })
		},
		supplied: (sentBytes: number, totalBytes: number) => tell({ step: "contents", sentBytes, totalBytes }),
	}
}
