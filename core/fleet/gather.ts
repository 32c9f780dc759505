/** What one piece may hold at most, and how long it waits for more after the piece before it. */
export type PieceLimits<T> = { items: number; size: number; sizeOf(item: T): number; milliseconds: number }

/**
 * Items in pieces: all that are there at once, in order, none twice and none left out. The first one after a silence goes
 * out alone and at once; those that follow it closely go together. One item is read ahead of the reader, no more. A
 * failure comes after what came before it.
 */
export async function* gather<T>(items: AsyncIterable<T>, limits: PieceLimits<T>): AsyncGenerator<T[]> {
	const iterator = items[Symbol.asyncIterator]()
	const take = () => settled(iterator.next())
	let next = take()
	let pause = startPause(0)
	try {
		for (;;) {
			const piece: T[] = []
			let size = 0
			// Without an item there is no piece: the first one is waited for however long it takes.
			let taken: Settled<T> | undefined = await next
			while (taken?.item && piece.length < limits.items && size < limits.size) {
				piece.push(taken.item.value)
				size += limits.sizeOf(taken.item.value)
				next = take()
				taken = await Promise.race([next, pause.over])
			}
			pause.stop()
			pause = startPause(limits.milliseconds)
			if (piece.length > 0) yield piece
			if (taken?.error) throw taken.error.cause
			if (taken?.isEnd) return
		}
	} finally {
		pause.stop()
		// Whoever reads is gone; a source that does not end in order has nobody left to tell.
		iterator.return?.().catch(() => {})
	}
}

type Settled<T> = { item?: { value: T }; error?: { cause: unknown }; isEnd?: boolean }

/** Never rejects: it may be settled while nobody waits for it. */
function settled<T>(result: Promise<IteratorResult<T>>): Promise<Settled<T>> {
	return result.then(
		(item) => (item.done ? { isEnd: true } : { item: { value: item.value } }),
		(cause) => ({ error: { cause } }),
	)
}

function startPause(milliseconds: number) {
	let timer: NodeJS.Timeout | undefined
	const over = new Promise<undefined>((resolve) => {
		if (milliseconds === 0) resolve(undefined)
		else timer = setTimeout(() => resolve(undefined), milliseconds)
	})
	return { over, stop: () => clearTimeout(timer) }
}
