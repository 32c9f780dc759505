import { setTimeout as sleep } from "node:timers/promises"
import type { Appliance } from "../../schema/appliance.ts"
import { isPassing } from "../follow-run.ts"
import type { Contacts } from "./contacts.ts"
import { failureOf } from "./failure-of.ts"

/** Seconds an appliance may take to note it. */
const ANSWER_SECONDS = 60
/** Milliseconds before each further attempt; the last one is used from then on. */
const WAITS_MS = [1000, 2000, 4000, 8000, 16_000]

/**
 * Asks an appliance to stop a run, on a connection of its own. One that cannot be reached just now is asked again and
 * again until the signal is aborted: then this resolves at once, for what was asked for is not forgotten. Fails with what
 * waiting does not cure. A run that the appliance does not know has nothing to stop.
 */
export async function cancelRun(
	contacts: Contacts,
	appliance: Appliance,
	run: string,
	signal: AbortSignal,
): Promise<void> {
	const ask = () => askOnce(contacts, appliance, run, signal)
	if ((await ask()) === "later") void askUntilDone(ask, signal)
}

/** The first failure is told; of a later one the run itself tells, which is followed at the same appliance. */
async function askUntilDone(ask: () => Promise<"done" | "later">, signal: AbortSignal): Promise<void> {
	for (let attempt = 0; !signal.aborted; attempt++) {
		const waitMs = WAITS_MS[Math.min(attempt, WAITS_MS.length - 1)]
		// Aborted while waiting: the loop sees it.
		await sleep(waitMs, undefined, { signal }).catch(() => undefined)
		if (!signal.aborted && (await ask().catch(() => "later")) === "done") return
	}
}

async function askOnce(
	contacts: Contacts,
	appliance: Appliance,
	run: string,
	signal: AbortSignal,
): Promise<"done" | "later"> {
	try {
		const limit = { seconds: ANSWER_SECONDS, phase: "the cancelling", signal }
		await contacts.withRunner(appliance, limit, (port) => port.cancel(run))
		return "done"
	} catch (error) {
		const failure = failureOf(error)
		// Nobody follows the run any more: it has ended.
		if (failure.code === "unknown-run" || signal.aborted) return "done"
		if (isPassing(failure)) return "later"
		throw error
	}
}
