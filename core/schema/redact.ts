/** A pool's `redact` names at most so many. */
export const MAX_REDACT = 100

/** Shorter texts stand everywhere in any output: masking them hides nothing and makes everything unreadable. */
export const MIN_LITERAL = 4

/** Longer ones are files; they are named by a variable that holds them. */
export const MAX_LITERAL = 1024

/** One entry of a pool's `redact`. */
export type RedactEntry = { kind: "variable"; name: string } | { kind: "literal"; text: string }

/**
 * What an entry of `redact` means: `$NAME` is the value of the environment variable NAME, `$$...` the text behind its
 * first dollar sign, anything else the text itself. Undefined for any other text that begins with a dollar sign.
 */
export function parseRedact(entry: string): RedactEntry | undefined {
	if (entry.startsWith("$$")) return { kind: "literal", text: entry.slice(1) }
	if (!entry.startsWith("$")) return { kind: "literal", text: entry }
	const name = /^\$([A-Za-z_][A-Za-z0-9_]{0,254})$/.exec(entry)?.[1]
	return name === undefined ? undefined : { kind: "variable", name }
}
