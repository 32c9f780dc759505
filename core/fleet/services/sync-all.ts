import type { ApplianceState } from "../../schema/desktop.ts"
import type { SyncProgress } from "../../schema/history-sync.ts"
import { failureOf } from "./failure-of.ts"
import { createSlots } from "./waiting.ts"

/** Appliances that are asked at once. */
const AT_ONCE = 4

type Sync = (appliance: ApplianceState, signal: AbortSignal) => Promise<{ added: number }>
type Answer = NonNullable<SyncProgress["appliance"]>

/** Each appliance's own history, told as they come; ends early when the reader does, or the signal is aborted. */
export async function* syncAll(
	fleet: readonly ApplianceState[],
	sync: Sync,
	given?: AbortSignal,
): AsyncGenerator<SyncProgress> {
	const stop = new AbortController()
	const signal = given ? AbortSignal.any([given, stop.signal]) : stop.signal
	const slots = createSlots(AT_ONCE)
	const left = new Map(fleet.map((one) => [one.id, slots(() => syncOne(one, sync, signal))]))
	const total = fleet.length
	try {
		yield { done: 0, total }
		while (left.size > 0) {
			const appliance = await Promise.race(left.values())
			if (signal.aborted) return
			left.delete(appliance.id)
			yield { done: total - left.size, total, appliance }
		}
	} finally {
		stop.abort()
	}
}

/** A failure is an answer as well: the others go on. */
async function syncOne(appliance: ApplianceState, sync: Sync, signal: AbortSignal): Promise<Answer> {
	const { id, name } = appliance
	try {
		return { id, name, ...(await sync(appliance, signal)) }
	} catch (error) {
		return { id, name, added: 0, failure: failureOf(error) }
	}
}
