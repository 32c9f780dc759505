import type { RunnerPort } from "../../protocol/runner-port.ts"
import type { AnyEvent } from "../../schema/event.ts"

/**
 * Asks for a run's events at once, by the name that its start was given, so that they come with the start's answer and
 * not a round trip later. Whoever attaches, once, gets them.
 */
export function attachAhead(port: Pick<RunnerPort, "attach">, name: string): Pick<RunnerPort, "attach"> {
	const stop = new AbortController()
	const coming = port.attach(name, 0, stop.signal)[Symbol.asyncIterator]()
	const first = coming.next()
	// Where the run did not begin, the answer to its start says why.
	first.catch(() => undefined)

	async function* attach(_run: string, after = 0, signal?: AbortSignal): AsyncGenerator<AnyEvent> {
		const onAbort = () => stop.abort()
		signal?.addEventListener("abort", onAbort)
		if (signal?.aborted) onAbort()
		try {
			for (let item = await first; !item.done; item = await coming.next()) {
				if (item.value.seq > after) yield item.value
			}
		} finally {
			signal?.removeEventListener("abort", onAbort)
			stop.abort()
			await coming.return?.()
		}
	}
	return { attach }
}
