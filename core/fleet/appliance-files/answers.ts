import { FailureError } from "../../schema/failure.ts"
import { createSlots } from "../services/waiting.ts"

interface Limits {
	atOnce: number
	signal?: AbortSignal | undefined
}

/** What each one answers, as it answers: none waits for a slower one. Whoever stops listening ends what still goes on. */
export async function* answersOf<T>(
	ids: readonly string[],
	ask: (id: string, signal: AbortSignal) => Promise<T>,
	{ atOnce, signal }: Limits,
): AsyncGenerator<T> {
	const stop = new AbortController()
	const either = AbortSignal.any([stop.signal, ...(signal ? [signal] : [])])
	const slot = createSlots(atOnce)
	const askOne = (id: string) =>
		slot(async () => {
			if (either.aborted) throw new FailureError("cancelled", { what: "the answer" })
			return { id, answer: await ask(id, either) }
		})
	const going = new Map(ids.map((id) => [id, askOne(id)]))
	try {
		while (going.size > 0) {
			const { id, answer } = await Promise.race(going.values())
			going.delete(id)
			yield answer
		}
	} finally {
		stop.abort()
		for (const one of going.values()) one.catch(() => {}) // Nobody listens any more.
	}
}
