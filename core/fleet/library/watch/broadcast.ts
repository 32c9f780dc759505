/** Items that wait for one slow reader; beyond it the reader gets a new first item instead. */
const QUEUE_LIMIT = 200

interface Reader<T> {
	queue: T[]
	needsFirst: boolean
	wake(): void
}

/** A first item that holds everything, then items in their order, to any number of readers. */
export function createBroadcast<T>(first: () => T | undefined) {
	const readers = new Set<Reader<T>>()
	let isClosed = false
	const take = (reader: Reader<T>): T | undefined => {
		if (!reader.needsFirst) return reader.queue.shift()
		const item = first()
		if (item === undefined) return undefined
		reader.queue = []
		reader.needsFirst = false
		return item
	}
	const wakeAll = () => {
		for (const reader of readers) reader.wake()
	}
	return {
		async *follow(signal?: AbortSignal): AsyncGenerator<T> {
			const reader: Reader<T> = { queue: [], needsFirst: true, wake: () => {} }
			const wake = () => reader.wake()
			readers.add(reader)
			signal?.addEventListener("abort", wake)
			try {
				while (!isClosed && !signal?.aborted) {
					const item = take(reader)
					if (item !== undefined) yield item
					else await new Promise<void>((resolve) => (reader.wake = resolve))
				}
			} finally {
				readers.delete(reader)
				signal?.removeEventListener("abort", wake)
			}
		},
		tell(item: T) {
			for (const reader of readers) {
				if (!reader.needsFirst) reader.queue.push(item)
				if (reader.queue.length > QUEUE_LIMIT) Object.assign(reader, { queue: [], needsFirst: true })
			}
			wakeAll()
		},
		/** Everyone gets a new first item. */
		reset() {
			for (const reader of readers) Object.assign(reader, { queue: [], needsFirst: true })
			wakeAll()
		},
		count: () => readers.size,
		close() {
			isClosed = true
			wakeAll()
		},
	}
}
