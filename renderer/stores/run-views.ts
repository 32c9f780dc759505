import { createStore, type StoreApi } from "zustand/vanilla"
import { type AnyEvent, parseEvents } from "../../core/schema/event.ts"
import type { Api } from "../rpc/api.ts"
import { followAnew } from "../rpc/follow-anew.ts"
import { createFollowers } from "./followers.ts"
import { mergeOutput } from "./merge-output.ts"
import { applyRunEvent, emptyRun, type RunView } from "./run-view.ts"

/** How well the record of a run is known: being read or followed, at its end, or not to be had. */
export interface FollowedRun {
	view: RunView
	state: "following" | "ended" | "failed"
	error?: unknown
	/** How far the appliance's clock is behind ours at most, milliseconds; below 0 where it is ahead. */
	behindMs?: number
}

export interface RunViews {
	store: StoreApi<Record<string, FollowedRun>>
	/** Follows a run until the returned function is called by everyone who asked. */
	follow(id: string): () => void
	/** Reads on where reading failed. */
	retry(id: string): void
}

/** How often a run is shown anew, and how long putting it together may take each time, milliseconds. */
const FRAME_MS = 40
const BUDGET_MS = 20

/** Follows the events of the runs that somebody looks at; goes on where it was after a lost connection. */
export function createRunViews(api: Api): RunViews {
	const store = createStore<Record<string, FollowedRun>>(() => ({}))
	const read = (id: string, signal: AbortSignal) => {
		const change: Change = (update) => {
			// What nobody looks at any more is not kept: records are large and can be read again.
			if (signal.aborted) return
			store.setState((all) => ({ ...all, [id]: update(all[id] ?? { view: emptyRun, state: "following" }) }), true)
		}
		void followToEnd(api, id, signal, () => store.getState()[id]?.view.seq ?? 0, change)
	}
	const followers = createFollowers(read, (id) => store.setState(({ [id]: _, ...others }) => others, true))
	const retry = (id: string) => {
		if (store.getState()[id]?.state === "failed") followers.again(id)
	}
	return { store, follow: followers.follow, retry }
}

type Change = (update: (run: FollowedRun) => FollowedRun) => void

async function followToEnd(api: Api, id: string, signal: AbortSignal, seqOf: () => number, change: Change) {
	change(({ error: _, ...run }) => ({ ...run, state: "following" }))
	try {
		await followAnew(signal, async () => {
			await followOnce(api, id, seqOf(), signal, change)
			return "over"
		})
		change((run) => ({ ...run, state: "ended" }))
	} catch (error) {
		change((run) => ({ ...run, state: "failed", error }))
	}
}

/** The run after some pieces, which are taken away: as many as there is time for, one at least. */
function takePieces(run: FollowedRun, pieces: AnyEvent[][]): FollowedRun {
	const begun = performance.now()
	let view = run.view
	let said = ""
	do {
		const events = pieces.shift() ?? []
		view = mergeOutput(events).reduce(applyRunEvent, view)
		said = events.at(-1)?.time ?? said
	} while (pieces.length > 0 && performance.now() - begun < BUDGET_MS)
	// Nothing is heard before it was said: what comes soonest tells most of the two clocks.
	const behindMs = Math.min(run.behindMs ?? Number.POSITIVE_INFINITY, Date.now() - Date.parse(said))
	return Number.isFinite(behindMs) ? { ...run, view, behindMs } : { ...run, view }
}

/** Events come by the thousand a second: they are put together and shown some times a second. */
async function followOnce(api: Api, id: string, after: number, signal: AbortSignal, change: Change) {
	const pieces: AnyEvent[][] = []
	let showing: Promise<void> | undefined
	const showAll = async () => {
		while (pieces.length > 0) {
			await new Promise((resolve) => setTimeout(resolve, FRAME_MS))
			// Who looks again meanwhile begins anew, and must not find these there already.
			if (signal.aborted) return
			change((run) => takePieces(run, pieces))
		}
		showing = undefined
	}
	try {
		for await (const piece of await api.runs.follow({ id, after }, { signal })) {
			pieces.push(parseEvents(piece))
			showing ??= showAll()
		}
	} finally {
		// Whoever reads on begins after what is shown.
		await showing
	}
}
