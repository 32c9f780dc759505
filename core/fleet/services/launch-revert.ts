import type { RevertRequest } from "../../protocol/runner-calls.ts"
import type { RunnerPort } from "../../protocol/runner-port.ts"
import type { Contacts } from "./contacts.ts"
import { failureOf } from "./failure-of.ts"
import { createProgress, failureOfAnswer, type LaunchSignals, type Started, startOrDoubt } from "./run-pilot.ts"
import type { RunRecord } from "./run-record.ts"

/**
 * Brings the putting back of a pool to its start: connect, ask. Nothing is uploaded: the backup is there. Busy, refused,
 * unreachable and cancelled all become the run's `not-started`; undefined then.
 */
export async function launchRevert(
	record: RunRecord,
	contacts: Contacts,
	request: RevertRequest,
	{ cancelled: signal, closing }: LaunchSignals,
): Promise<Started | undefined> {
	let port: RunnerPort | undefined
	let isAsked = false
	const at = () => new Date().toISOString()
	try {
		signal.throwIfAborted()
		const { installed: onProgress } = createProgress(record)
		const opened = (await contacts.open(record.appliance, { signal, onProgress })).port
		port = opened
		record.step({ type: "connected" })
		signal.throwIfAborted()
		isAsked = true
		const answer = await startOrDoubt(() => opened.revert(request), closing)
		if (answer.state === "started") {
			record.step({ type: "started", run: answer.run })
			return { port: opened, run: answer.run }
		}
		record.step({ type: "not-started", failure: failureOfAnswer(answer), at: at() })
	} catch (error) {
		// Once the appliance was asked, cancelling says nothing about what became of it there.
		const isCancelled = signal.aborted && !isAsked
		const failure = isCancelled ? { code: "cancelled" as const, data: { what: "the run" } } : failureOf(error)
		record.step({ type: "not-started", failure, at: at() })
	}
	await port?.close()
	return undefined
}
