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
	/** What should be known though nothing is wrong: told once, however often it is so. */
	note(line: number | undefined, text: string): void
	list(): ImportProblem[]
}

/** Gathers problems, each safe to show, and says how many more there were. */
export function gatherProblems(): Problems {
	const problems: ImportProblem[] = []
	const noted = new Set<string>()
	let more = 0
	const tell = (problem: ImportProblem) => {
		if (problems.length < MAX_PROBLEMS) problems.push({ ...problem, text: plainText(problem.text) })
		else more++
	}
	return {
		add: (line, text) => tell({ ...(line && { line }), text }),
		note(line, text) {
			if (!noted.has(text)) tell({ ...(line && { line }), text, isNote: true })
			noted.add(text)
		},
		list: () => [...problems, ...(more > 0 ? [{ text: `${more} more problems are not listed` }] : [])],
	}
}
