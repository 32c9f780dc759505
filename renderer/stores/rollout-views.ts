import { createStore, type StoreApi } from "zustand/vanilla"
import type { RolloutChange } from "../../core/schema/rollout.ts"
import type { Api } from "../rpc/api.ts"
import { followAnew } from "../rpc/follow-anew.ts"
import { OfflineError } from "../rpc/link.ts"
import { createFollowers } from "./followers.ts"
import { applyRolloutChange, type RolloutView, type RunResults, unreadRuns } from "./rollout-view.ts"

export interface FollowedRollout {
	view?: RolloutView
	results: RunResults
	/** Why it cannot be followed, or why the results are not complete. */
	error?: unknown
}

export interface RolloutViews {
	store: StoreApi<Record<string, FollowedRollout>>
	/** Follows a rollout until the returned function is called by everyone who asked. */
	follow(id: string): () => void
	/** Follows it again where that failed. */
	retry(id: string): void
}

/** Steps are shown together, so often. */
const FRAME_MS = 100
/** Results are read together, so often, and so many in one call. */
const READ_MS = 1000
const READ_RUNS = 500

const nothing: FollowedRollout = { results: new Map() }

/** Follows the rollouts that somebody looks at, and reads what their runs came to. */
export function createRolloutViews(api: Api): RolloutViews {
	const store = createStore<Record<string, FollowedRollout>>(() => ({}))
	const read = (id: string, signal: AbortSignal) => {
		const change: Change = (update) => {
			if (!signal.aborted) store.setState((all) => ({ ...all, [id]: update(all[id] ?? nothing) }), true)
		}
		change(() => nothing)
		void followToEnd(api, id, signal, () => store.getState()[id] ?? nothing, change)
	}
	const followers = createFollowers(read, (id) => store.setState(({ [id]: _, ...others }) => others, true))
	return { store, follow: followers.follow, retry: followers.again }
}

type Change = (update: (rollout: FollowedRollout) => FollowedRollout) => void

async function followToEnd(api: Api, id: string, signal: AbortSignal, get: () => FollowedRollout, change: Change) {
	try {
		await followAnew(signal, async () => {
			await followOnce(api, id, signal, get, change)
			return "cut"
		})
	} catch (error) {
		change((now) => ({ ...now, error }))
	}
}

async function followOnce(api: Api, id: string, signal: AbortSignal, get: () => FollowedRollout, change: Change) {
	let waiting: RolloutChange[] = []
	let timer: ReturnType<typeof setTimeout> | undefined
	const reading = createReading(api, get, change)
	const show = () => {
		const changes = waiting
		waiting = []
		timer = undefined
		const at = Date.now()
		change((now) =>
			withView(
				now,
				changes.reduce((view, one) => applyRolloutChange(view, one, at), now.view),
			),
		)
		reading.wake()
	}
	try {
		for await (const step of await api.rollouts.follow({ id }, { signal })) {
			waiting.push(step)
			timer ??= setTimeout(show, get().view ? FRAME_MS : 0)
		}
	} finally {
		clearTimeout(timer)
		reading.stop()
	}
}

function withView(now: FollowedRollout, view: RolloutView | undefined): FollowedRollout {
	return view ? { ...now, view } : now
}

/** Reads what ended runs came to: at once what there is first, and then once in a while what has come. */
function createReading(api: Api, get: () => FollowedRollout, change: Change) {
	let timer: ReturnType<typeof setTimeout> | undefined
	let isReading = false
	const read = async () => {
		timer = undefined
		const runs = unreadRuns(get().view?.targets ?? [], get().results).slice(0, READ_RUNS)
		if (runs.length === 0) return
		isReading = true
		try {
			const { results } = await api.history.ofRuns({ runs })
			const byRun = Map.groupBy(results, ({ runId }) => runId)
			const read = runs.map((run) => [run, byRun.get(run) ?? []] as const)
			change((now) => ({ ...now, results: new Map([...now.results, ...read]) }))
		} catch (error) {
			if (!(error instanceof OfflineError)) change((now) => ({ ...now, error }))
			return
		} finally {
			isReading = false
		}
		wake()
	}
	const wake = () => {
		if (timer !== undefined || isReading) return
		const { view, results } = get()
		const unread = unreadRuns(view?.targets ?? [], results).length
		if (unread > 0) timer = setTimeout(read, results.size === 0 || unread > READ_RUNS ? 0 : READ_MS)
	}
	return { wake, stop: () => clearTimeout(timer) }
}
