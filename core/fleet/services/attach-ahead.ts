import type { RunnerPort } from "../../protocol/runner-port.ts"
import type { AnyEvent } from "../../schema/event.ts"

/**
 * Characters of events, as JSON, that may come before anybody attaches. The start's answer travels with the first events,
 * so an honest appliance says little until then; more is given up, and asked for again by whoever attaches.
 */
const MAX_AHEAD = 4 * 1024 * 1024

/**
 * Asks for a run's events at once, by the name that its start was given, so that they come with the start's answer and
 * not a round trip later. Whoever attaches, once, gets them.
 */
export function attachAhead(port: Pick<RunnerPort, "attach">, name: string): Pick<RunnerPort, "attach"> {
	const stop = new AbortController()
	const coming = port.attach(name, 0, stop.signal)[Symbol.asyncIterator]()
	const ahead: Promise<IteratorResult<AnyEvent>>[] = []
	let isAttached = false
	let isTooMuch = false

	async function readAhead(): Promise<void> {
		let length = 0
		while (!isAttached) {
			const next = coming.next()
			ahead.push(next)
			const item = await next
			if (item.done) return
			length += JSON.stringify(item.value).length
			if (length > MAX_AHEAD && !isAttached) return giveUp()
		}
	}
	async function giveUp(): Promise<void> {
		isTooMuch = true
		ahead.length = 0
		stop.abort()
		await coming.return?.()
	}
	// Where the run did not begin, the answer to its start says why; a loss is told to whoever attaches.
	readAhead().catch(() => undefined)

	async function* attach(run: string, after = 0, signal?: AbortSignal): AsyncGenerator<AnyEvent> {
		isAttached = true
		if (isTooMuch) return yield* port.attach(run, after, signal)
		const onAbort = () => stop.abort()
		signal?.addEventListener("abort", onAbort)
		if (signal?.aborted) onAbort()
		try {
			for (let item = await next(); !item.done; item = await next()) {
				if (item.value.seq > after) yield item.value
			}
		} finally {
			signal?.removeEventListener("abort", onAbort)
			stop.abort()
			await coming.return?.()
		}
	}
	const next = () => ahead.shift() ?? coming.next()
	return { attach }
}
