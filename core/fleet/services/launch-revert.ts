import type { RevertRequest } from "../../protocol/runner-calls.ts"
import type { Contacts } from "./contacts.ts"
import { bringToStart, createProgress, type LaunchSignals, type Started, startOrDoubt } from "./run-pilot.ts"
import type { RunRecord } from "./run-record.ts"

/** Brings the putting back of a pool to its start: connect, ask. Nothing is uploaded: the backup is there. */
export function launchRevert(
	record: RunRecord,
	contacts: Contacts,
	request: RevertRequest,
	{ cancelled: signal, closing }: LaunchSignals,
): Promise<Started | undefined> {
	const { installed: onProgress } = createProgress(record)
	const open = async () => (await contacts.open(record.appliance, { signal, onProgress })).port
	return bringToStart(record, signal, open, async (port, asking) => {
		signal.throwIfAborted()
		const as = asking()
		return { answer: await startOrDoubt(() => port.revert({ ...request, as }), closing), port }
	})
}
