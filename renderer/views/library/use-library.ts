import { useCallback, useEffect, useState } from "react"
import type { LibraryModule } from "../../../core/schema/library.ts"
import { useApp } from "../../stores/context.ts"

/** The library's list: read when it is shown, when the window comes to the front, and after what was done here. */
export function useLibrary() {
	const { api } = useApp()
	const [listing, setListing] = useState<{ folder: string; modules: LibraryModule[] }>()
	const [error, setError] = useState<unknown>()
	const reload = useCallback(async () => {
		try {
			setListing(await api.library.list({}))
			setError(undefined)
		} catch (problem) {
			setError(problem)
		}
	}, [api])
	useEffect(() => {
		const read = () => void reload()
		read()
		window.addEventListener("focus", read)
		return () => window.removeEventListener("focus", read)
	}, [reload])

	const afterwards = async (work: Promise<unknown>) => {
		try {
			await work
			await reload()
		} catch (problem) {
			setError(problem)
		}
	}
	return {
		folder: listing?.folder,
		modules: listing?.modules,
		error,
		reload: () => void reload(),
		archive: ({ folder, isArchived }: LibraryModule) =>
			void afterwards(api.library.archive({ folder, isArchived: !isArchived })),
		forget: ({ folder }: LibraryModule) => void afterwards(api.library.forget({ folder })),
	}
}
