import type { RunEvent } from "../../core/schema/event.ts"

/** What somebody outside has heard of each run, in order. A power cut takes nothing of it back. */
export type Told = ReadonlyMap<string, readonly RunEvent[]>

export function addTold(told: Told, event: RunEvent): Told {
	return new Map(told).set(event.run, [...(told.get(event.run) ?? []), event])
}
