/** A message as a sentence: messages are lowercase without full stop, so that they can stand in a line of others. */
export function sentence(text: string): string {
	const first = text.charAt(0).toUpperCase() + text.slice(1)
	return /[.!?]$/.test(first) ? first : `${first}.`
}
