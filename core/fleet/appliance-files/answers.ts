import { FailureError } from "../../schema/failure.ts"
import { createSlots } from "../services/waiting.ts"

interface Limits {
	atOnce: number
	signal?: AbortSignal | undefined
}

/** What each one answers, as it answers: none waits for a slower one. Whoever stops listening ends what still goes on. */
export async function* answersOf<I, T>(
	asked: readonly I[],
	ask: (one: I, signal: AbortSignal) => Promise<T>,
	{ atOnce, signal }: Limits,
): AsyncGenerator<T> {
	const stop = new AbortController()
	const either = AbortSignal.any([stop.signal, ...(signal ? [signal] : [])])
	const slot = createSlots(atOnce)
	/** Those that came and were not taken yet; a race of all that are out would cost the square of their number. */
	const came: Promise<T>[] = []
	let wake = () => {}
	for (const one of asked) {
		const answer = slot(async () => {
			if (either.aborted) throw new FailureError("cancelled", { what: "the answer" })
			return ask(one, either)
		})
		const arrive = () => {
			came.push(answer)
			wake()
		}
		answer.then(arrive, arrive)
	}
	try {
		for (let taken = 0; taken < asked.length; taken++) {
			if (came.length === 0) await new Promise<void>((resolve) => (wake = resolve))
			yield await (came.shift() as Promise<T>)
		}
	} finally {
		stop.abort()
	}
}
