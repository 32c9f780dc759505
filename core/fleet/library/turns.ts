/** Lets one piece of work at a time go on for each key, in the order in which they came. */
export function createTurns() {
	const last = new Map<string, Promise<unknown>>()
	return async <T>(key: string, work: () => Promise<T>): Promise<T> => {
		const before = last.get(key) ?? Promise.resolve()
		// What the one before failed with is its own caller's.
		const turn = before.then(work, work)
		last.set(key, turn)
		try {
			return await turn
		} finally {
			if (last.get(key) === turn) last.delete(key)
		}
	}
}
