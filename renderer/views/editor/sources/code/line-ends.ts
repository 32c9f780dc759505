/**
 * What ends the lines of a text: CRLF only where every line has it. In a mixed text the carriage returns stay characters
 * that can be seen, so that saving changes nothing that nobody typed.
 */
export function separatorOf(text: string): "\r\n" | "\n" {
	const ends = text.match(/\r?\n/g)
	return ends?.every((end) => end === "\r\n") ? "\r\n" : "\n"
}
