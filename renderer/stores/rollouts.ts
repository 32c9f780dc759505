import { createStore, type StoreApi } from "zustand/vanilla"
import type { RolloutSummary } from "../../core/schema/rollout.ts"
import type { Api } from "../rpc/api.ts"
import { followAnew } from "../rpc/follow-anew.ts"

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

/** Milliseconds before the list is asked for again where something else than the connection went wrong. */
const LATER_MS = 5000

/** All rollouts of this desktop, as rows of a list. */
export function createRollouts(api: Api): Rollouts {
	const store = createStore<RolloutList>(() => ({}))
	const followOnce = async (signal: AbortSignal) => {
		for await (const { rollouts } of await api.rollouts.followList({}, { signal }))
			store.setState({ rollouts, error: undefined })
		return "cut" as const
	}
	return {
		store,
		async run(signal) {
			while (!signal.aborted) {
				try {
					await followAnew(signal, () => followOnce(signal))
				} catch (error) {
					store.setState({ error })
					await new Promise((resolve) => setTimeout(resolve, LATER_MS))
				}
			}
		},
	}
}
