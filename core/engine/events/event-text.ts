import { type AnyEvent, parseEvent } from "../../schema/event.ts"

/** A line of `events.jsonl`; undefined when it is not whole. */
export function parseEventLine(line: string): AnyEvent | undefined {
	try {
		return parseEvent(JSON.parse(line))
	} catch {
		return undefined
	}
}

/** A run's whole record, up to the first line that is not whole or out of order. Empty lines say "told so far". */
export function parseEvents(bytes: Uint8Array): { events: AnyEvent[]; validBytes: number; isTold: boolean } {
	const events: AnyEvent[] = []
	let validBytes = 0
	let isTold = true
	for (;;) {
		const end = bytes.indexOf(10, validBytes)
		if (end < 0) return { events, validBytes, isTold }
		isTold = end === validBytes
		if (!isTold) {
			const event = parseEventLine(new TextDecoder().decode(bytes.subarray(validBytes, end)))
			if (event?.seq !== events.length + 1) return { events, validBytes, isTold: events.length === 0 }
			events.push(event)
		}
		validBytes = end + 1
	}
}
