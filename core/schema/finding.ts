import { z } from "zod"

/** Something wrong (`fault`: nothing runs) or doubtful (`warning`: shown, runs) in a module, at its place in `index.json`. */
export const findingSchema = z.object({
	severity: z.enum(["fault", "warning"]),
	/** Stable kebab-case name of the rule, for example "destination-not-absolute". */
	rule: z.string(),
	/** JSON path, for example `$.pools[0].operations[1].destination`. */
	path: z.string(),
	/** 1-based place in `index.json`; 1:1 where the file as a whole is meant. */
	line: z.number().int(),
	column: z.number().int(),
	/** What is wrong, lowercase, no full stop. */
	message: z.string(),
	/** What would be right. */
	remedy: z.string(),
})
export type Finding = z.infer<typeof findingSchema>

/** Sorts findings in the order of the file. */
export function byPlace(a: Finding, b: Finding): number {
	return a.line - b.line || a.column - b.column
}

/** One finding as the command line prints it (DESIGN §8). */
export function printFinding(finding: Finding): string {
	return `index.json:${finding.line}:${finding.column}: ${finding.path}: ${finding.message}: ${finding.remedy}`
}
