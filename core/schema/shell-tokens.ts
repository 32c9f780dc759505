/** One word of a command line. */
export interface ShellWord {
	/** What it says without its quotes; undefined where only the shell can tell (`$X`, `*.conf`, `$(...)`). */
	text: string | undefined
	/** Its beginning, as far as it is known. */
	start: string
	/** Nothing in it was quoted, so it may be a keyword of the shell. */
	isPlain: boolean
}

export type ShellToken = ShellWord | { operator: string }

/** Longer lines are programs, and so are those that nest deeper. */
const MAX_LINE = 10_000
const MAX_NESTS = 100

const blank = /[ \t]+|\\\n/y
const comment = /#[^\n]*/y
const operator = /;;|&&|\|\||\|&|[;|&\n()]/y
const redirection = /\d*(?:&>>?|>>|>\||>&|<&|<<<|<>|[<>])(?![<(])[ \t]*/y
const plainPiece = /[^\s;|&()<>'"\\$`*?#]+|(?<=\S)#/y
const escapedPiece = /\\([^\n])/y
const singleQuoted = /'([^']*)'/y
const doubleQuoted = /"((?:[^"\\$`]|\\[\s\S])*)"/y
const variable = /\$(?:\w+|[?!#$*@-])|[*?]/y

/**
 * The words and operators of a command line, redirections left out. Undefined where reading it would take a shell: a
 * here-document, an open quote. A reading aid for advice only; never used to run anything.
 */
export function readTokens(line: string): ShellToken[] | undefined {
	if (line.length > MAX_LINE || (line.match(/[$<>][({]|`/g) ?? []).length > MAX_NESTS) return undefined
	const tokens: ShellToken[] = []
	let at = 0
	const eat = (pattern: RegExp): RegExpExecArray | undefined => {
		pattern.lastIndex = at
		const found = pattern.exec(line)
		if (found) at += found[0].length
		return found ?? undefined
	}
	while (at < line.length) {
		if (eat(blank) || eat(comment)) continue
		const isRedirection = eat(redirection) !== undefined
		const found = isRedirection ? undefined : eat(operator)
		if (found) tokens.push({ operator: found[0] })
		else {
			const read = readWord(line, at)
			if (!read) return undefined
			if (!isRedirection) tokens.push(read.word)
			at = read.end
		}
	}
	return tokens
}

function readWord(line: string, from: number): { word: ShellWord; end: number } | undefined {
	const word: ShellWord = { text: "", start: "", isPlain: true }
	let at = from
	const eat = (pattern: RegExp): string | undefined => {
		pattern.lastIndex = at
		const found = pattern.exec(line)
		if (found) at += found[0].length
		return found ? (found[1] ?? found[0]) : undefined
	}
	const add = (piece: string | undefined, isPlain: boolean) => {
		if (piece === undefined) return false
		if (word.text !== undefined) word.start = word.text += piece
		word.isPlain &&= isPlain
		return true
	}
	const addUnknown = (end: number | undefined) => {
		if (end === undefined) return false
		at = end
		word.text = undefined
		return true
	}
	while (at < line.length) {
		if (add(eat(plainPiece), true) || add(eat(escapedPiece), false) || add(eat(singleQuoted), false)) continue
		const double = eat(doubleQuoted)
		if (add(double?.replace(/\\([\s\S])/g, "$1"), false)) continue
		if (addUnknown(endOfUnknown(line, at))) continue
		break
	}
	return at > from ? { word, end: at } : undefined
}

/** Where a part ends that only the shell can fill in; undefined where none begins here or its end is missing. */
function endOfUnknown(line: string, at: number): number | undefined {
	if (line.startsWith("$(", at)) return endOfNest(line, at + 1, "(", ")")
	if (line.startsWith("${", at)) return endOfNest(line, at + 1, "{", "}")
	if (/[<>]/.test(line[at] ?? "") && line[at + 1] === "(") return endOfNest(line, at + 1, "(", ")")
	if (line[at] === "`") return after(line, /`(?:[^`\\]|\\[\s\S])*`/y, at)
	if (line[at] === '"') return endOfQuote(line, at)
	return after(line, variable, at)
}

/** The end of "..." with something to fill in; quotes inside `$(...)` are its own. */
function endOfQuote(line: string, from: number): number | undefined {
	let at = from + 1
	while (at < line.length) {
		if (line[at] === '"') return at + 1
		if (!/^(\$[({]|`)/.test(line.slice(at, at + 2))) at += line[at] === "\\" ? 2 : 1
		else {
			const end = endOfUnknown(line, at)
			if (end === undefined) return undefined
			at = end
		}
	}
	return undefined
}

function endOfNest(line: string, from: number, open: string, close: string): number | undefined {
	let depth = 0
	for (let at = from; at < line.length; at++) {
		if (line[at] === "\\") at++
		else if (line[at] === "'") {
			const end = line.indexOf("'", at + 1)
			if (end < 0) return undefined
			at = end
		} else if (line[at] === '"') {
			const end = endOfQuote(line, at)
			if (end === undefined) return undefined
			at = end - 1
		} else if (line[at] === open) depth++
		else if (line[at] === close && --depth === 0) return at + 1
	}
	return undefined
}

function after(line: string, pattern: RegExp, at: number): number | undefined {
	pattern.lastIndex = at
	return pattern.test(line) ? pattern.lastIndex : undefined
}
