import { logLinesOf, printLogLine } from "../../engine/log/log-lines.ts"
import { type AnyEvent, isKnownEvent } from "../../schema/event.ts"

/** What the standard log says about an event, without line ends; nothing for most events. */
export function makeEventLines(event: AnyEvent): string[] {
	if (!isKnownEvent(event)) return []
	return logLinesOf(event, event.run).map((line) => printLogLine(line, new Date(event.time)).trimEnd())
}
