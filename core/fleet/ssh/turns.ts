import { FailureError } from "../../schema/failure.ts"

/** Some work at one place at a time, the rest in turn. */
export interface Turns {
	/** Waits for its turn at `place`, then works. Fails with `cancelled` when given up while waiting. */
	take<T>(place: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T>
}

export function createTurns(atOnce: number): Turns {
	const working = new Map<string, number>()
	const waiting = new Map<string, (() => void)[]>()

	function leave(place: string): void {
		const next = waiting.get(place)?.shift()
		const count = (working.get(place) ?? 1) - 1
		if (next) next()
		else if (count > 0) working.set(place, count)
		else {
			working.delete(place)
			waiting.delete(place)
		}
	}
	async function enter(place: string, signal: AbortSignal | undefined): Promise<void> {
		const count = working.get(place) ?? 0
		if (count < atOnce) {
			working.set(place, count + 1)
			return
		}
		const queue = waiting.get(place) ?? []
		waiting.set(place, queue)
		await new Promise<void>((resolve, reject) => {
			const begin = () => {
				signal?.removeEventListener("abort", giveUp)
				resolve()
			}
			const giveUp = () => {
				queue.splice(queue.indexOf(begin), 1)
				reject(new FailureError("cancelled", { what: "the connection" }))
			}
			queue.push(begin)
			signal?.addEventListener("abort", giveUp, { once: true })
			if (signal?.aborted) giveUp()
		})
	}

	return {
		async take(place, signal, work) {
			await enter(place, signal)
			try {
				return await work()
			} finally {
				leave(place)
			}
		},
	}
}
