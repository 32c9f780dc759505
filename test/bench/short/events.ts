import { createRemoteRunner } from "../../../core/protocol/remote-runner.ts"
import { serveRunner } from "../../../core/protocol/serve.ts"
import { type AnyEvent, parseEvent } from "../../../core/schema/event.ts"
import { fakePort } from "../../unit/core/protocol/fake-port.ts"
import { createStreamPair } from "../../unit/core/protocol/stream-pair.ts"
import type { Bench } from "../bench.ts"
import { workOf } from "../processor.ts"

const EVENTS = 2000

/** Events of a run through the protocol, from the runner's end to the desktop's, parsed by their schemas. */
export const bench: Bench = {
	name: "events",
	other: "JSON.parse of their bytes, 10 times",
	pairs: 60,
	targets: [{ committed: "processorMs" }],
	async setUp() {
		const events = Array.from({ length: EVENTS }, (_, index) => makeEvent(index + 1))
		const bytes = events.map((event) => new TextEncoder().encode(JSON.stringify(event)))
		return {
			reset: async () => {},
			ours: () => workOf(() => carry(events)),
			other: () =>
				workOf(() => {
					for (let time = 0; time < 10; time++) for (const one of bytes) JSON.parse(new TextDecoder().decode(one))
				}),
		}
	},
}

async function carry(events: AnyEvent[]): Promise<void> {
	const { desktop, runner: far } = createStreamPair()
	const port = fakePort({
		attach: async function* () {
			yield* events
		},
	})
	const served = serveRunner(port, far)
	const runner = createRemoteRunner(desktop)
	let count = 0
	for await (const _ of runner.attach("run-1")) count++
	await runner.close()
	await served
	if (count !== events.length) throw new Error(`cannot trust the figure: ${count} of ${events.length} events came`)
}

function makeEvent(seq: number): AnyEvent {
	const head = { seq, time: "2026-01-01T00:00:00.000Z", run: "run-1" }
	const event = parseEvent(
		seq % 4 === 0
			? { ...head, type: "phase-started", pool: "web", phase: "closure" }
			: {
					...head,
					type: "command-output",
					pool: "web",
					phase: "closure",
					index: 0,
					stream: "stdout",
					text: `line ${seq}`,
				},
	)
	if (!event) throw new Error("cannot happen: an event that is none")
	return event
}
