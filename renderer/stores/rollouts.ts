import { createStore, type StoreApi } from "zustand/vanilla"
import type { RolloutSummary } from "../../core/schema/rollout.ts"
import type { Api } from "../rpc/api.ts"
import { OfflineError } from "../rpc/link.ts"

export interface RolloutList {
	/** Newest first; undefined until they have come. */
	rollouts?: readonly RolloutSummary[]
	/** Why what is shown may be out of date. */
	error?: unknown
}

export interface Rollouts {
	store: StoreApi<RolloutList>
	/** Follows the list for as long as the page lives. */
	run(signal: AbortSignal): Promise<void>
}

/** Milliseconds before the list is asked for again: where the connection was lost, and where something else went wrong. */
const RETRY_MS = 500
const RETRY_LATER_MS = 5000

/** All rollouts of this desktop, as rows of a list. */
export function createRollouts(api: Api): Rollouts {
	const store = createStore<RolloutList>(() => ({}))
	const followOnce = async (signal: AbortSignal): Promise<number> => {
		try {
			for await (const { rollouts } of await api.rollouts.followList({}, { signal }))
				store.setState({ rollouts, error: undefined })
			return RETRY_MS
		} catch (error) {
			if (error instanceof OfflineError) return RETRY_MS
			store.setState({ error })
			return RETRY_LATER_MS
		}
	}
	return {
		store,
		async run(signal) {
			while (!signal.aborted) {
				const wait = await followOnce(signal)
				await new Promise((resolve) => setTimeout(resolve, wait))
			}
		},
	}
}
