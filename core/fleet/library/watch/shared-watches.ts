interface Watch<Item> {
	/** Resolves when what was there at the call has been told. */
	scan(): Promise<void>
	follow(signal?: AbortSignal): AsyncIterable<Item>
	close(): void
}

/** One watch for all who follow the same; it ends with the last of them. */
export function createSharedWatches<Item, W extends Watch<Item>>() {
	const shared = new Map<string, { watch: W; users: number }>()
	return {
		get: (key: string): W | undefined => shared.get(key)?.watch,
		async *follow(key: string, create: () => W, signal?: AbortSignal): AsyncGenerator<Item> {
			const one = shared.get(key) ?? { watch: create(), users: 0 }
			shared.set(key, one)
			one.users++
			try {
				await one.watch.scan()
				yield* one.watch.follow(signal)
			} finally {
				one.users--
				if (one.users === 0) {
					if (shared.get(key) === one) shared.delete(key)
					one.watch.close()
				}
			}
		},
		close() {
			for (const { watch } of shared.values()) watch.close()
			shared.clear()
		},
	}
}
