import { untilAborted } from "./waiting.ts"

interface Start<T> {
	started: Promise<T>
	stop: AbortController
	isOver: boolean
	/** Those who wait for it. */
	waiting: number
}

/**
 * Something that is started once, however many want it; where that failed, the next one tries again. It is stopped half-way
 * when the last one who waits gives up.
 */
export function createSharedStart<T>(what: string, start: (signal: AbortSignal) => Promise<T>) {
	let one: Start<T> | undefined

	function begin(): Start<T> {
		const stop = new AbortController()
		const begun: Start<T> = { started: start(stop.signal), stop, isOver: false, waiting: 0 }
		const end = () => {
			begun.isOver = true
		}
		begun.started.then(end, () => {
			end()
			one = undefined
		})
		return begun
	}
	return {
		async get(signal?: AbortSignal): Promise<T> {
			// One that is being stopped clears up first; how it failed is nobody's any more.
			while (one?.stop.signal.aborted && !one.isOver) await one.started.catch(() => undefined)
			one ??= begin()
			const begun = one
			begun.waiting++
			try {
				return await untilAborted(begun.started, signal, what)
			} finally {
				begun.waiting--
				if (signal?.aborted && begun.waiting === 0) begun.stop.abort()
			}
		},
		/** What was started, if anything was; stops what still starts. */
		async end(): Promise<T | undefined> {
			one?.stop.abort()
			return one?.started.catch(() => undefined) // What did not start has nothing to close.
		},
	}
}
