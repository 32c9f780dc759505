import { readTokens, type ShellWord } from "./shell-tokens.ts"

/** One simple command as far as its line tells. */
export interface ShellCommand {
	/** The program first. Settings (`A=b`) before it are left out. */
	words: ShellWord[]
	/** Names that are set before it: `PATH=... make`. */
	sets: string[]
	/** Its failure is looked at (`if`, `while`, `!`, `||` behind it), so it may be meant to fail. */
	isTested: boolean
}

/** A command line's simple commands and the functions it defines. */
export interface ShellLine {
	commands: ShellCommand[]
	functions: string[]
}

/** Reads a command line; undefined where that would take a shell (`case`, `((`, here-documents). For advice only. */
export function readShellLine(line: string): ShellLine | undefined {
	const tokens = readTokens(line)
	if (!tokens) return undefined
	const read: ShellLine = { commands: [], functions: [] }
	let words: ShellWord[] = []
	let isCondition = false
	let listStart = 0
	const flush = (next: string): boolean => {
		const command = makeCommand(words, read.functions)
		if (!command) return false
		if (command.opens) isCondition = true
		if (command.closes) isCondition = false
		const isTested = command.isTested || isCondition
		if (command.words.length > 0 || command.sets.length > 0)
			read.commands.push({ words: command.words, sets: command.sets, isTested })
		// In `a && b || c` it is c that answers for both.
		if (next === "||") for (const before of read.commands.slice(listStart)) before.isTested = true
		if (/^(;|;;|&|\n)$/.test(next)) listStart = read.commands.length
		words = []
		return true
	}
	for (const [index, token] of tokens.entries()) {
		if (!("operator" in token)) {
			words.push(token)
			continue
		}
		if (words[0]?.text === "[[" && words[0].isPlain && words.at(-1)?.text !== "]]") continue
		const next = tokens[index + 1]
		const isPair = next !== undefined && "operator" in next
		if (token.operator === "(" && isPair && next.operator === ")") {
			const name = words.pop()?.text
			if (name === undefined) return undefined
			read.functions.push(name)
		} else if (token.operator === "(" && (words.length > 0 || (isPair && next.operator === "("))) return undefined
		if (!flush(token.operator)) return undefined
	}
	return flush("") ? read : undefined
}

interface RawCommand extends ShellCommand {
	/** Begins a condition, ends one. */
	opens: boolean
	closes: boolean
}

const opening = new Set(["if", "elif", "while", "until"])
const closing = new Set(["then", "do"])
const passing = new Set(["else", "fi", "done", "{", "}", "time"])
/** What follows them is no command, or only a shell can tell. */
const unreadable = new Set(["case", "esac", "coproc", "select"])

function makeCommand(words: ShellWord[], functions: string[]): RawCommand | undefined {
	const command: RawCommand = { words: [], sets: [], isTested: false, opens: false, closes: false }
	let at = 0
	for (; at < words.length; at++) {
		const word = words[at]?.isPlain ? words[at]?.text : undefined
		if (word !== undefined && unreadable.has(word)) return undefined
		if (word === "for" || word === "[[") return command
		if (word === "function") functions.push(words[++at]?.text ?? "")
		else if (word !== undefined && opening.has(word)) command.opens = true
		else if (word !== undefined && closing.has(word)) command.closes = true
		else if (word === "!") command.isTested = true
		else if (word === undefined || !passing.has(word)) break
	}
	for (; at < words.length; at++) {
		const [, name] = /^(\w+)\+?=/.exec(words[at]?.start ?? "") ?? []
		if (name === undefined) break
		command.sets.push(name)
	}
	command.words = words.slice(at)
	return command
}
