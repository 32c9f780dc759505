import { FailureError } from "../../../core/schema/failure.ts"
import type { LibraryModule, ListChange } from "../../../core/schema/library.ts"
import type { Api } from "../../rpc/api.ts"
import { followAnew } from "../../rpc/follow-anew.ts"

/** The library's list as last told. */
export interface Listing {
	folder?: string | undefined
	modules?: LibraryModule[] | undefined
	/** Why nothing is told just now; what was told last stays in sight. */
	error?: unknown
}

export function withListChange(listing: Listing, change: ListChange): Listing {
	if (change.type === "unreadable") {
		const { code, data } = change.failure
		return { ...listing, error: new FailureError(code, data) }
	}
	if (change.type === "snapshot") return { folder: change.folder, modules: change.modules }
	const gone = new Set([...change.removed, ...change.modules.map(({ folder }) => folder)])
	const kept = (listing.modules ?? []).filter(({ folder }) => !gone.has(folder))
	return { ...listing, modules: [...kept, ...change.modules] }
}

/** Follows the list until it is aborted, anew after a lost connection. Fails with whatever else ends it. */
export function followList(api: Api, signal: AbortSignal, tell: (change: ListChange) => void): Promise<void> {
	return followAnew(signal, async () => {
		for await (const change of await api.library.followList({}, { signal })) tell(change)
		return "cut"
	})
}
