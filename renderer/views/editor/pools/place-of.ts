export type Edge = "before" | "after"

/** Where an item goes that is dropped at an edge of another one, once it has left its own place. */
export function placeOf(from: number, over: number, edge: Edge): number {
	const to = edge === "before" ? over : over + 1
	return from < to ? to - 1 : to
}
