/** "a, b, c and 5 more": the first `most` of them in words, and how many there are besides. */
export function someOf<T>(items: readonly T[], most: number, wordsOf: (item: T) => string): string {
	const shown = items.slice(0, most).map(wordsOf).join(", ")
	return items.length > most ? `${shown} and ${items.length - most} more` : shown
}
