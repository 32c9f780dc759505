/** One word of a shell after `NAME=`: quoted, escaped or plain pieces without blanks between them. */
const WORD = String.raw`(?:'[^']*'|"(?:\\[\s\S]|[^"\\])*"|\\[\s\S]|[^\s;|&()<>'"\\])+`

/** Longer values are looked for as the shell tells them, not in the command's text. */
const MOST = 64 * 1024

/**
 * Values that a command gives to variables in so many words, as they stand there and without their quotes. One that a
 * shell would still have to work out is none. A reading aid, not a shell: the shell itself is asked afterwards.
 */
export function findAssigned(command: string, names: readonly string[]): string[] {
	return names.flatMap((name) => {
		const found = command.matchAll(new RegExp(`(?<![A-Za-z0-9_])${name}=(${WORD})`, "g"))
		return [...found].flatMap(([, word = ""]) => (word.length > MOST ? [] : readWord(word)))
	})
}

function readWord(word: string): string[] {
	const isWorkedOut = /[$`]/.test(word.replace(/'[^']*'/g, ""))
	if (isWorkedOut) return []
	const plain = word.replace(
		/\\([\s\S])|'([^']*)'|"((?:\\[\s\S]|[^"\\])*)"/g,
		(_, escaped, single, double) => escaped ?? single ?? double.replace(/\\(["\\$`])/g, "$1"),
	)
	return [...new Set([plain, word])].filter((value) => value !== "" && value !== "''" && value !== '""')
}
