/**
 * The simple commands in a command line, as words without their quotes: `cd /a && npm run build` is two. A reading aid
 * for advice only, far from a shell: what it does not understand it leaves as it stands. Never used to run anything.
 */
export function simpleCommands(line: string): string[][] {
	const commands: string[][] = [[]]
	for (const { 0: token, groups } of line.slice(0, MAX_LINE).matchAll(tokens)) {
		if (groups?.separator !== undefined) commands.push([])
		else commands.at(-1)?.push(withoutQuotes(token))
	}
	return commands.map(withoutPrefix).filter((words) => words.length > 0)
}

/** Longer lines are programs; advice looks at their beginning. */
const MAX_LINE = 10_000

/** A word: redirection, escape, quoted text, plain text, or a quotation mark that is never closed. */
const tokens = /(?:>&|&>|\\[\s\S]|'[^']*'|"(?:\\[\s\S]|[^"\\])*"|[^\s;|&(){}'"\\>]|[>'"\\])+|(?<separator>[;|&\n(){}])/g

function withoutQuotes(word: string): string {
	return word.replace(
		/\\([\s\S])|'([^']*)'|"((?:\\[\s\S]|[^"\\])*)"/g,
		(_, escaped, single, double) => escaped ?? single ?? double,
	)
}

/** Drops variable settings, shell keywords and programs that only run another one. */
function withoutPrefix(words: string[]): string[] {
	const start = words.findIndex((word) => !/^\w+=/.test(word) && !carriers.has(word))
	return start < 0 ? [] : words.slice(start)
}

const carriers = new Set(["sudo", "env", "exec", "nohup", "command", "time", "then", "do", "else", "if", "while", "!"])
