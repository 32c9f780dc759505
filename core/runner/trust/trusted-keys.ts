import { parseKey } from "../../folder/ssh-signature.ts"

/** The keys whose modules an appliance runs, in SSH's base64. */
export interface TrustedKeys {
	trusted: ReadonlySet<string>
	/** Beats `trusted`, whatever stands first. */
	revoked: ReadonlySet<string>
}

/** Why a file of keys cannot be relied on; `line` is 1-based. */
export interface KeysProblem {
	line?: number
	reason: string
}

/** Whoever looks at the file may see lines end, or characters gone, where the parser sees neither. A tab is as good as a space. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are looked for
const CONTROL = /[\0-\x08\x0b-\x1f\x7f]/
/** The same beyond ASCII, as UTF-8's bytes: U+0080 to U+009F (U+0085 ends a line), and Unicode's ends of line and paragraph. */
const WIDE_CONTROL = /\xc2[\x80-\x9f]|\xe2\x80[\xa8\xa9]/

/**
 * A key a line, as in `id_ed25519.pub`; `@revoked` before it takes it away; `#` and empty lines say nothing. One line that
 * is anything else spoils the file: what somebody meant to revoke must not be passed over. `text` has a character for each byte.
 */
export function parseTrustedKeys(text: string): TrustedKeys | KeysProblem {
	const trusted = new Set<string>()
	const revoked = new Set<string>()
	for (const [index, given] of text.split(/\r\n|\n/).entries()) {
		if (CONTROL.test(given) || WIDE_CONTROL.test(given)) return { line: index + 1, reason: "control-character" }
		const line = given.trim()
		if (line === "" || line.startsWith("#")) continue
		const [, mark, key] = /^(@revoked\s+)?ssh-ed25519\s+(\S+)(?:\s|$)/.exec(line) ?? []
		if (key === undefined || !parseKey(key)) return { line: index + 1, reason: "no-key" }
		;(mark === undefined ? trusted : revoked).add(key)
	}
	for (const key of revoked) trusted.delete(key)
	return trusted.size > 0 ? { trusted, revoked } : { reason: "none-trusted" }
}
