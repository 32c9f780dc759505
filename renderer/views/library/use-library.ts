import { useEffect, useState } from "react"
import type { LibraryModule } from "../../../core/schema/library.ts"
import { useApp } from "../../stores/context.ts"
import { followList, type Listing, withListChange } from "./library-list.ts"

/** The library's list, which follows what is done here and elsewhere. */
export function useLibrary() {
	const { api } = useApp()
	const [listing, setListing] = useState<Listing>({})
	const [attempt, setAttempt] = useState(0)
	// biome-ignore lint/correctness/useExhaustiveDependencies: another attempt follows anew
	useEffect(() => {
		const stop = new AbortController()
		followList(api, stop.signal, (change) => setListing((now) => withListChange(now, change))).catch((error) =>
			setListing((now) => ({ ...now, error })),
		)
		return () => stop.abort()
	}, [api, attempt])

	const sayError = (error: unknown) => setListing((now) => ({ ...now, error }))
	const attempted = (work: Promise<unknown>) => {
		sayError(undefined)
		work.catch(sayError)
	}
	return {
		...listing,
		reload: () => setAttempt((count) => count + 1),
		archive: ({ folder, isArchived }: LibraryModule) =>
			attempted(api.library.archive({ folder, isArchived: !isArchived })),
		forget: ({ folder }: LibraryModule) => attempted(api.library.forget({ folder })),
	}
}
