import { createStore } from "zustand/vanilla"
import type { Collected } from "./collect-files.ts"

/** Files that wait for a person to say where they go; `pool`: the one that they were dropped on. */
export const offeredFiles = createStore<{
	offer?: (Collected & { pool?: number | undefined; isThere?: boolean }) | undefined
}>(() => ({}))

export function offerFiles(collected: Collected, pool?: number): void {
	const { picked, leftOut, unread, isTooMany } = collected
	// A folder with nothing in it, or a text that was dragged here.
	if (picked.length + leftOut + unread.length > 0 || isTooMany) offeredFiles.setState({ offer: { ...collected, pool } })
}

/** A source that is there already, to be added to a pool. */
export function offerSource(target: string): void {
	const picked = [{ target, file: new Blob() }]
	offeredFiles.setState({ offer: { picked, leftOut: 0, unread: [], isTooMany: false, isThere: true } })
}
