/** Items on their way from one who has them to one who wants them, in order. Iterated once. */
export interface Inbox<T> extends AsyncIterable<T> {
	/** Resolves when the item was taken, or is not wanted any more: whoever waits for it never runs ahead. */
	push(item: T): Promise<void>
	/** No more items; those already pushed are still delivered. */
	end(): void
	/** Like `end`, and the reader then gets this error. */
	fail(error: unknown): void
	/** Nobody reads on: items pushed from now on are dropped. */
	abandon(): void
}

export function createInbox<T>(): Inbox<T> {
	const items: { item: T; taken: () => void }[] = []
	let state: "open" | "ended" | "abandoned" = "open"
	let failure: { error: unknown } | undefined
	let wake = () => {}

	function finish(as: "ended" | "abandoned") {
		if (state !== "abandoned") state = as
		if (state === "abandoned") for (const { taken } of items.splice(0)) taken()
		wake()
	}

	async function* read(): AsyncGenerator<T> {
		try {
			for (;;) {
				const next = items.shift()
				if (next) {
					next.taken()
					yield next.item
				} else if (state === "open") {
					await new Promise<void>((resolve) => {
						wake = resolve
					})
				} else {
					if (failure) throw failure.error
					return
				}
			}
		} finally {
			finish("abandoned")
		}
	}

	return {
		push: (item) =>
			new Promise((resolve) => {
				if (state !== "open") return resolve()
				items.push({ item, taken: resolve })
				wake()
			}),
		end: () => finish("ended"),
		fail: (error) => {
			failure ??= { error }
			finish("ended")
		},
		abandon: () => finish("abandoned"),
		[Symbol.asyncIterator]: read,
	}
}
