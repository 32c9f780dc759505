import type { RunRequest } from "../../protocol/runner-calls.ts"
import type { Content, RunnerPort } from "../../protocol/runner-port.ts"
import type { Source } from "../../schema/manifest.ts"
import { followRun } from "../follow-run.ts"
import { supplyContents } from "../supply.ts"
import type { Contacts } from "./contacts.ts"
import { failureOf } from "./failure-of.ts"
import type { RunRecord } from "./run-record.ts"
import { untilAborted, within } from "./waiting.ts"

/** Seconds within which an appliance must say whether it starts a run, or cancels one. */
const ANSWER_SECONDS = 60
/** Upload progress is told at most this often, milliseconds. */
const PROGRESS_MS = 200

const now = () => new Date().toISOString()

export type Started = { port: RunnerPort; run: string }

/**
 * Brings a run to its start: connect, upload, start. Busy, refused, unreachable and cancelled all become the run's
 * `not-started`; undefined then.
 */
export async function launchRun(
	record: RunRecord,
	contacts: Contacts,
	request: RunRequest,
	read: (source: Source) => Content,
	signal: AbortSignal,
): Promise<Started | undefined> {
	let port: RunnerPort | undefined
	try {
		signal.throwIfAborted()
		port = (await contacts.open(record.appliance, signal)).port
		record.step({ type: "connected" })
		const uploading = supplyContents(port, request.manifest, read, makeProgress(record))
		await untilAborted(uploading, signal, "the run")
		const answer = await within(ANSWER_SECONDS, "the run's start", port.start(request))
		if (answer.state === "started") {
			record.step({ type: "started", run: answer.run })
			return { port, run: answer.run }
		}
		const { state: _, ...holder } = answer
		const failure = answer.state === "refused" ? answer.failure : ({ code: "busy", data: holder } as const)
		record.step({ type: "not-started", failure: failure as ReturnType<typeof failureOf>, at: now() })
	} catch (error) {
		const failure = signal.aborted ? { code: "cancelled" as const, data: { what: "the run" } } : failureOf(error)
		record.step({ type: "not-started", failure, at: now() })
	}
	await port?.close()
	return undefined
}

/**
 * Follows a run to its end over as many connections as that takes. Ends early when the signal is aborted, or with the
 * run `lost` when no further attempt can succeed without a person (host key, sign-in).
 */
export async function pilotRun(
	record: RunRecord,
	contacts: Contacts,
	started: Started | { run: string },
	signal: AbortSignal,
) {
	const connect = () => contacts.reconnect(record.appliance, signal)
	try {
		for await (const item of followRun({ ...started, connect, after: record.lastSeq(), signal })) {
			if (item.type === "event") record.append(item.event)
			else if (item.state === "lost") record.step({ type: "lost", failure: item.failure })
			else record.step({ type: "attached" })
		}
	} catch (error) {
		if (signal.aborted) return
		const failure = failureOf(error)
		if (failure.code === "unknown-run") record.step({ type: "gone", failure, at: now() })
		else record.step({ type: "lost", failure })
	}
}

/** Asks the appliance to stop a run, on a connection of its own. */
export async function cancelRun(record: RunRecord, contacts: Contacts, run: string) {
	const limit = { seconds: ANSWER_SECONDS, phase: "the cancelling" }
	await contacts.withRunner(record.appliance, limit, (port) => port.cancel(run))
}

function makeProgress(record: RunRecord) {
	let toldAt = 0
	return (sentBytes: number, totalBytes: number) => {
		if (Date.now() - toldAt < PROGRESS_MS && sentBytes < totalBytes) return
		toldAt = Date.now()
		record.step({ type: "sent", sentBytes, totalBytes })
	}
}
