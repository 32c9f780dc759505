import { z } from "zod"
import { type PoolResult, poolResultSchema } from "./desktop.ts"
import type { Reason } from "./outcome.ts"
import { count } from "./phrases.ts"
import { plainText } from "./plain-text.ts"

/** Failures of one cause, as far as their words tell. */
export const failureCauseSchema = z.object({
	/** The words that they share; what differs from appliance to appliance stands as `…`. */
	cause: z.string(),
	count: z.number(),
	/** Different appliances. */
	appliances: z.number(),
	/** In the order in which the results were given, at most `EXAMPLES`. */
	examples: z.array(poolResultSchema),
})
export type FailureCause = z.infer<typeof failureCauseSchema>

/** Results that a cause shows of itself. */
const EXAMPLES = 5
/** Failures whose causes are compared at most, the newest ones. */
export const MOST_COMPARED = 10_000
/** Characters of an output's last line that are compared. */
const LINE = 200

const NUMBER = /\d+(?:[.,]\d+)*/.source
/** Of time and of size. */
const UNIT = /(?:[nuµμm]?s|secs?|m|mins?|hr?s?|d|[kKMGT]i?[Bb]?|[Bb])/.source
/** Before a number that tells one cause from another; that of "error: 12 tests failed" only says how many. */
const TELLING = [
	/\b(?:[Ee]xit|[Ss]tatus|[Cc]ode|[Ee]rrno|rc|[Ss]ignal|[Vv]ersion|returned(?: error)?|[Ee]xited(?: with)?)"?(?:: ?|[ =])/,
	/\b(?:HTTP(?:\/[\d.]{1,4})?|[Ee]rror|ERROR|got)[ =]/,
	/\b[A-Z]{2,9}-/,
]
	.map(({ source }) => source)
	.join("|")

/** What differs between two appliances that fail for the same reason, most special first. */
const DIFFERENT: readonly RegExp[] = [
	/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi,
	/\b\d{8}T\d{6}Z?\b/g,
	/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?/g,
	/\b\d{8}-\d{6}-[0-9a-f]{6}\b/g,
	// Addresses, with a port or without.
	/\[?(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}\]?(?::\d+)?/gi,
	/(?<![\w:])(?:[0-9a-f]{1,4}:){1,6}(?::[0-9a-f]{1,4}){1,6}(?![\w:])/gi,
	/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g,
	// The last name of a path tells what it is about; where it lies does not.
	/(?:\/[^\s/"'`:,;()]+)+\/(?=[^\s/"'`:,;()])/g,
	/\b0x[0-9a-f]+\b/gi,
	/\b[0-9a-f]{12,}\b/gi,
	/(?<![a-z0-9])(?=[a-f]*\d)[0-9a-f]{8,}(?![a-z0-9])/gi,
	// As mktemp and others make names.
	/\btmp[._-]?(?=[a-z_]*[A-Z0-9])[A-Za-z0-9_]{6,12}\b/g,
	// Those that go on a word ("python3.11", "v1.2.3") are part of its name.
	new RegExp(`(?<![A-Za-z0-9]|\\d\\.|${TELLING})${NUMBER}(?:${UNIT}(?:${NUMBER}${UNIT})*)?(?![A-Za-z0-9])`, "g"),
]

/**
 * Words by which failures of one cause are equal: where, what, and the last thing that was said, without the paths,
 * numbers, times and addresses that differ from one appliance to the next. For a person to read.
 */
export function causeOf(reason: Reason): string {
	return plainText(makeCause(reason, alike))
}

function makeCause(reason: Reason, alike: (text: string) => string): string {
	const { phase, message, command, exit, signal, timedOut, output } = reason
	const end = timedOut ? "ran out of time" : signal ? `ended by ${signal}` : exit === undefined ? "" : `exit ${exit}`
	const what = command === undefined ? alike(message) : [`\`${alike(command)}\``, end].filter(Boolean).join(", ")
	const said = alike(lastLine(output ?? ""))
	return [`${phase}: ${what}`, said].filter(Boolean).join(": ")
}

/** "37 failures"; how many there are beyond those that are compared nobody has counted. */
export function failureWords(compared: number): string {
	return compared < MOST_COMPARED
		? count(compared, "failure")
		: `${MOST_COMPARED.toLocaleString("en-GB")} or more failures`
}

/** Failed and degraded results grouped by cause, the most frequent first; the given order is kept within each. */
export function groupByCause(results: readonly PoolResult[]): FailureCause[] {
	const groups = new Map<string, PoolResult[]>()
	const [knownAlike, knownPlain] = [rememberTexts(alike), rememberTexts(plainText)]
	for (const result of results) {
		const cause = result.reason ? knownPlain(makeCause(result.reason, knownAlike)) : "no reason was told"
		const group = groups.get(cause)
		if (group) group.push(result)
		else groups.set(cause, [result])
	}
	const causes = [...groups].map(([cause, group]) => ({
		cause,
		count: group.length,
		appliances: new Set(group.map(({ applianceId }) => applianceId)).size,
		examples: group.slice(0, EXAMPLES),
	}))
	return causes.sort((a, b) => b.count - a.count)
}

/** The same command fails in thousands of results: what it is made into is found once. */
function rememberTexts(make: (text: string) => string): (text: string) => string {
	const made = new Map<string, string>()
	return (text) => {
		const before = made.get(text)
		if (before !== undefined) return before
		const now = make(text)
		made.set(text, now)
		return now
	}
}

function alike(text: string): string {
	return DIFFERENT.reduce((rest, pattern) => rest.replace(pattern, "…"), text.slice(0, 1000))
}

function lastLine(output: string): string {
	const text = output.trimEnd()
	return text
		.slice(text.lastIndexOf("\n") + 1)
		.trim()
		.slice(0, LINE)
}
