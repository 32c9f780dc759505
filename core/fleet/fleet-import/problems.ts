import type { ImportProblem, Said } from "../../schema/fleet-import.ts"
import { plainText } from "../../schema/plain-text.ts"

/** What a text says: appliances, and what of it was not understood. */
export interface Parsed {
	found: { line: number; said: Said }[]
	problems: ImportProblem[]
}

/** Problems that are told of one source; a hostile one could have millions. */
const MAX_PROBLEMS = 500

export interface Problems {
	add(line: number | undefined, text: string): void
	list(): ImportProblem[]
}

/** Gathers problems, each safe to show, and says how many more there were. */
export function gatherProblems(): Problems {
	const problems: ImportProblem[] = []
	let more = 0
	return {
		add(line, text) {
			if (problems.length < MAX_PROBLEMS) problems.push({ ...(line && { line }), text: plainText(text) })
			else more++
		},
		list: () => [...problems, ...(more > 0 ? [{ text: `${more} more problems are not listed` }] : [])],
	}
}
