import type { AnyEvent } from "../../schema/event.ts"

export function makeEventLines(event: AnyEvent): string[] {
	return [`${event.time} ${event.type}`]
}
