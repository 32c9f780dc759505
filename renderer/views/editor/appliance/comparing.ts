import type { AskedFile, Comparing } from "../../../../core/schema/appliance-compare.ts"
import type { SeenDestination } from "../../../../core/schema/appliance-files.ts"
import type { Failure } from "../../../../core/schema/failure.ts"

/** One comparison, as far as it is. */
export interface ComparisonState {
	state: "going" | "cancelled" | "ended"
	/** The appliances in the order in which they were chosen. */
	ids: readonly string[]
	asked?: { files: AskedFile[]; left: number }
	seen: Record<string, SeenDestination[]>
	failed: Record<string, Failure>
	/** What ended it early. */
	error?: unknown
}

export function startComparison(ids: readonly string[]): ComparisonState {
	return { state: "going", ids, seen: {}, failed: {} }
}

export function applyComparing(now: ComparisonState, item: Comparing): ComparisonState {
	if (item.kind === "asked") return { ...now, asked: { files: item.files, left: item.left } }
	if (item.kind === "failed") return { ...now, failed: { ...now.failed, [item.id]: item.failure } }
	return { ...now, seen: { ...now.seen, [item.id]: item.seen } }
}

/** The appliances that answered in the order in which they were chosen, so that a late one moves no other. */
export function answersOf({ ids, seen }: ComparisonState): { id: string; seen: SeenDestination[] }[] {
	return ids.flatMap((id) => (seen[id] ? [{ id, seen: seen[id] }] : []))
}

/** How far it is, in words. */
export function progressWords({ ids, seen, failed, state }: ComparisonState, nameOf: (id: string) => string): string {
	const waiting = ids.filter((id) => !(id in seen) && !(id in failed)).map(nameOf)
	const done = `${Object.keys(seen).length} of ${ids.length} ${ids.length === 1 ? "appliance" : "appliances"} compared`
	if (waiting.length === 0) return `${done}.`
	const names = listWords(waiting)
	return state === "going" ? `${done}, waiting for ${names} …` : `${done}, not ${names}.`
}

/** Names in a sentence; of many, the first ones. */
export function listWords(names: readonly string[], most = 3): string {
	if (names.length <= most) return names.join(", ")
	return `${names.slice(0, most).join(", ")} and ${names.length - most} more`
}
