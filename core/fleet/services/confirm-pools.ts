import { setTimeout as sleep } from "node:timers/promises"
import type { Appliance } from "../../schema/appliance.ts"
import type { DesktopRun } from "../../schema/desktop.ts"
import { type AnyEvent, isKnownEvent } from "../../schema/event.ts"
import type { FailureCode } from "../../schema/failure.ts"
import type { Contacts } from "./contacts.ts"
import { failureOf } from "./failure-of.ts"

/** Seconds an appliance may take to note a confirmation. */
const ANSWER_SECONDS = 30
/** The appliance was reached, and the pool waits no longer: it is confirmed or goes back. */
const DECIDED: ReadonlySet<FailureCode> = new Set(["not-waiting", "unknown-run", "unknown-pool"])
/** Milliseconds before each further attempt; appliances bar those who are refused too often in a short time. */
const WAITS_MS = [1000, 2000, 4000, 8000]

/**
 * Answers pools that wait in phase `confirm` (DESIGN §5): over a connection made after the closure, since only that
 * proves that the appliance can still be reached. Tried again until the appliance has decided or the pool waits no longer;
 * what cannot be reached is put back by the appliance itself.
 */
export function createConfirmer(contacts: Contacts, appliance: Appliance, run: string) {
	const waiting = new Map<string, AbortController>()
	const stop = (pool: string) => {
		waiting.get(pool)?.abort()
		waiting.delete(pool)
	}
	const start = (pool: string) => {
		// One pool goes after the other, so the one before waits no longer, whatever its appliance says.
		for (const before of [...waiting.keys()]) stop(before)
		const waits = new AbortController()
		waiting.set(pool, waits)
		void confirmUntilDone(contacts, appliance, { run, pool }, waits.signal)
	}
	return {
		/** Events that are recorded already do not come again: whoever saw the wait begin may have ended since. */
		resume({ pools }: DesktopRun) {
			for (const { pool, phase, outcome } of pools) if (phase === "confirm" && outcome === undefined) start(pool)
		},
		see(event: AnyEvent) {
			if (!isKnownEvent(event) || !("phase" in event) || event.phase !== "confirm" || !event.pool) return
			if (event.type === "phase-started") start(event.pool)
			if (event.type === "phase-finished") stop(event.pool)
		},
		end: () => [...waiting.keys()].forEach(stop),
	}
}

async function confirmUntilDone(
	contacts: Contacts,
	appliance: Appliance,
	{ run, pool }: { run: string; pool: string },
	signal: AbortSignal,
) {
	const limit = { seconds: ANSWER_SECONDS, phase: "the confirmation", signal }
	for (let attempt = 0; !signal.aborted; attempt++) {
		try {
			return await contacts.withRunner(appliance, limit, (port) => port.confirm(run, pool))
		} catch (error) {
			if (DECIDED.has(failureOf(error).code)) return
			// Not reached: that is what is being found out. `open` has noted it at the appliance.
			await sleep(WAITS_MS[Math.min(attempt, WAITS_MS.length - 1)], undefined, { signal }).catch(() => undefined)
		}
	}
}
