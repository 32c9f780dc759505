import { createStore, type StoreApi } from "zustand/vanilla"
import type { PageState } from "../../core/schema/page-state.ts"
import type { Api } from "../rpc/api.ts"

/** What the page keeps from one start to the next; `undefined` until it has been read. */
export interface Kept {
	store: StoreApi<{ state?: PageState }>
	/** Only the first time: from then on the page knows better. */
	read(): Promise<void>
	/** Here at once, and for the next start. */
	change(part: PageState): void
}

export function createKept(api: Pick<Api, "app">, onProblem: (error: unknown) => void): Kept {
	const store = createStore<{ state?: PageState }>(() => ({}))
	let reading = false
	return {
		store,
		async read() {
			if (reading) return
			reading = true
			// The page is of use without it too.
			const state = await api.app.kept({}).catch((error): PageState => {
				onProblem(error)
				return {}
			})
			store.setState({ state })
		},
		change(part) {
			store.setState(({ state }) => ({ state: { ...state, ...part } }))
			api.app.keep(part).catch(onProblem)
		},
	}
}
