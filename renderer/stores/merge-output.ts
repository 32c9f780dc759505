import { type AnyEvent, isKnownEvent, type RunEvent } from "../../core/schema/event.ts"

type OutputEvent = Extract<RunEvent, { type: "command-output" }>

/** Output that follows itself becomes one event: a thousand small pieces a second cost as little as a few large ones. */
export function mergeOutput(events: AnyEvent[]): AnyEvent[] {
	const merged: AnyEvent[] = []
	let open: { event: OutputEvent; texts: string[] } | undefined
	const close = () => {
		if (open) merged.push(open.texts.length === 1 ? open.event : { ...open.event, text: open.texts.join("") })
		open = undefined
	}
	for (const event of events) {
		if (!isKnownEvent(event) || event.type !== "command-output") {
			close()
			merged.push(event)
		} else if (open && follows(open.event, event)) {
			// The number of the last one: whoever goes on reading begins after it.
			open.event = { ...open.event, seq: event.seq, time: event.time }
			open.texts.push(event.text)
		} else {
			close()
			open = { event, texts: [event.text] }
		}
	}
	close()
	return merged
}

function follows(before: OutputEvent, event: OutputEvent): boolean {
	const isSame = (["pool", "phase", "index", "stream"] as const).every((key) => before[key] === event[key])
	return isSame && !event.cutBytes && event.seq > before.seq
}
