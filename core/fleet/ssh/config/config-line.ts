import SSHConfig, { type Line, LineType } from "ssh-config"
import { FailureError } from "../../../schema/failure.ts"

/** One setting of an SSH configuration, with its place. */
export interface ConfigLine {
	path: string
	/** From 1. */
	line: number
	/** In lower case: keywords are the same in either. */
	keyword: string
	words: string[]
	/** Of an `Include`: the settings of each file it names. */
	included?: ConfigLine[][]
}

/** A failure that names the place of a setting. */
export function unreadable({ path, line }: { path: string; line?: number }, reason: string, cause?: unknown) {
	return new FailureError("ssh-config-unreadable", { path, ...(line !== undefined && { line }), reason }, { cause })
}

/**
 * Reads one line; undefined for a comment or an empty one. Trap: the package is given single lines and only splits them.
 * Its own `compute` starts nslookup for CanonicalizeHostname, whatever is said about commands; knows no Include and no
 * negated criterion; and makes regular expressions of patterns, which a hostile file can make run for ever.
 */
export function parseConfigLine(text: string, place: { path: string; line: number }): ConfigLine | undefined {
	const [parsed] = parseLine(text.replace(/\r$/, ""), place)
	if (!parsed || parsed.type !== LineType.DIRECTIVE || !parsed.param) return undefined
	const { value } = parsed
	const words = typeof value === "string" ? [value].filter(Boolean) : value.map(({ val }) => val)
	if (words.length === 0) throw unreadable(place, `${parsed.param} has no value`)
	return { ...place, keyword: parsed.param.toLowerCase(), words }
}

function parseLine(text: string, place: { path: string; line: number }): Line[] {
	try {
		return [...SSHConfig.parse(text)]
	} catch (cause) {
		const isOpen = cause instanceof Error && /^Unexpected line break/.test(cause.message)
		throw unreadable(
			place,
			isOpen ? "it ends inside quotation marks, or after a backslash" : "a value is missing",
			cause,
		)
	}
}
