import type { Store } from "../store/store.ts"
import type { StateBroadcast } from "./state-service.ts"

/** How soon a run of the command line shows in an open app, milliseconds. */
const LOOK_MS = 1000

/** Tells readers of the state what other programs on the same data folder write about their runs. */
export function watchOtherPrograms(
	store: Store,
	state: StateBroadcast,
	owner: string,
	log: (line: string) => void,
): { stop(): void } {
	let seen = store.runs.latestChange()
	const look = () => {
		const latest = store.runs.latestChange()
		if (latest === seen) return
		const changed = state.readers() > 0 ? store.runs.changedByOthers(seen, owner) : []
		seen = latest
		for (const run of changed) state.publish({ type: "run-changed", run })
	}
	const lookOrTell = () => {
		try {
			look()
		} catch (error) {
			log(`cannot look for runs of other programs: ${error instanceof Error ? error.message : error}`)
		}
	}
	const timer = setInterval(lookOrTell, LOOK_MS)
	timer.unref()
	return { stop: () => clearInterval(timer) }
}
