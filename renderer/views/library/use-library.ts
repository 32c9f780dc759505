import { useEffect, useState } from "react"
import type { LibraryModule } from "../../../core/schema/library.ts"
import { useApp } from "../../stores/context.ts"
import { followList, type Listing, withListChange } from "./library-list.ts"

/** The library's list, which follows what is done here and elsewhere. */
export function useLibrary() {
	const { api } = useApp()
	const [listing, setListing] = useState<Listing>({})
	/** Why the last action was not done; what ails the list stays said whatever becomes of actions. */
	const [refusal, setRefusal] = useState<unknown>()
	const [attempt, setAttempt] = useState(0)
	// biome-ignore lint/correctness/useExhaustiveDependencies: another attempt follows anew
	useEffect(() => {
		const stop = new AbortController()
		followList(api, stop.signal, (change) => setListing((now) => withListChange(now, change))).catch((error) =>
			setListing((now) => ({ ...now, error })),
		)
		return () => stop.abort()
	}, [api, attempt])

	const attempted = (work: Promise<unknown>) => {
		setRefusal(undefined)
		work.catch(setRefusal)
	}
	return {
		...listing,
		error: refusal ?? listing.error,
		reload: () => {
			setRefusal(undefined)
			setAttempt((count) => count + 1)
		},
		archive: ({ folder, isArchived }: LibraryModule) =>
			attempted(api.library.archive({ folder, isArchived: !isArchived })),
		forget: ({ folder }: LibraryModule) => attempted(api.library.forget({ folder })),
	}
}
