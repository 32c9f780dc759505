/** Enough to keep a disk busy with syncs; more only costs memory and open files. */
const AT_ONCE = 16

/**
 * Runs a step for each item, several at once, and gives the results in order. When one fails, no further step begins,
 * those under way end, and the first error is thrown: nothing goes on behind the caller's back.
 */
export async function sideBySide<T, R>(
	items: readonly T[],
	step: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
	const results: R[] = new Array(items.length)
	const errors: unknown[] = []
	let next = 0
	const lane = async () => {
		while (next < items.length && errors.length === 0) {
			const index = next++
			try {
				results[index] = await step(items[index] as T, index)
			} catch (error) {
				errors.push(error)
			}
		}
	}
	await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, lane))
	if (errors.length > 0) throw errors[0]
	return results
}
