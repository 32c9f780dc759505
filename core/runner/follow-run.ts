import { followEvents } from "../engine/events/follow-events.ts"
import { readStatus } from "../engine/status.ts"
import type { AnyEvent } from "../schema/event.ts"
import { FailureError } from "../schema/failure.ts"
import type { Place } from "./jobs/job.ts"

/** Silence after which it is asked whether the run's worker is still alive; a live one has a heartbeat well before. */
const SILENCE_MS = 15_000

/**
 * The run's events with `seq > after`, until `run-finished` or until the signal is aborted. A run whose worker died
 * without a word ends with `runner-failed`; nothing is recovered by looking.
 */
export async function* followRun(
	place: Place,
	run: string,
	after = 0,
	signal?: AbortSignal,
	silenceMs = SILENCE_MS,
): AsyncGenerator<AnyEvent> {
	const stop = new AbortController()
	const onAbort = () => stop.abort()
	signal?.addEventListener("abort", onAbort)
	if (signal?.aborted) stop.abort()
	const watch = watchWorker(place, run, silenceMs, onAbort)
	try {
		for await (const event of followEvents(place.host, place.options, run, after, { signal: stop.signal })) {
			watch.heard()
			yield event
			if (event.type === "run-finished") return
		}
		if (watch.isDead()) throw new FailureError("runner-failed", { reason: `run ${run} ended without a word`, run })
	} finally {
		watch.end()
		stop.abort()
		signal?.removeEventListener("abort", onAbort)
	}
}

/** Looks whether the run waits for `recover`, each time it was silent for so long. */
function watchWorker({ host, options }: Place, run: string, silenceMs: number, onDead: () => void) {
	let silent = false
	let dead = false
	const timer = setInterval(async () => {
		if (silent) {
			// A status that cannot be read now is read again next time.
			const status = await readStatus(host, options).catch(() => undefined)
			dead = silent && (status?.interrupted.includes(run) ?? false)
			if (dead) onDead()
		}
		silent = true
	}, silenceMs)
	return {
		heard() {
			silent = false
		},
		isDead: () => dead,
		end: () => clearInterval(timer),
	}
}
