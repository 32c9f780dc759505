/** A text as one word of a shell, quoted only where that is needed. */
export function plainWord(text: string): string {
	return /^[\w./:,=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
