import type { Finding } from "./finding.ts"
import { quoted } from "./plain-text.ts"
import type { NamedTarget } from "./targets.ts"

/** Something below `src/` that cannot be a source. */
export interface SourceProblem {
	target: string
	rule: string
	message: string
	remedy: string
	/** A fault even when no operation names it. */
	isRefused: boolean
}

/** More unused files than this are told as a number. */
const MAX_UNUSED = 20

/** Left by editors, git and desktops; nobody wants to hear of them. */
export const unremarkable = /(^|\/)(\.gitkeep|\.gitignore|\.DS_Store|Thumbs\.db|desktop\.ini)$/

/**
 * What is wrong between the operations and the files below `src/`: each problem and each missing file where
 * `index.json` names it, the rest at its beginning.
 */
export function sourceFindings(named: NamedTarget[], present: string[], problems: SourceProblem[]): Finding[] {
	const known = new Set([...present, ...problems.map(({ target }) => target)])
	const used = new Set(named.map(({ target }) => target))
	const missing = named.filter(({ target }) => !known.has(target))
	const alike = new Map(present.map((target) => [loose(target), target]))
	const unused = present.filter((target) => !used.has(target) && !unremarkable.test(target))
	return [
		...problems.flatMap((problem) => problemFindings(problem, named)),
		...missing.map((place) => missingFinding(place, alike.get(loose(place.target)))),
		...unusedFindings(unused),
	]
}

function problemFindings(problem: SourceProblem, named: NamedTarget[]): Finding[] {
	const { rule, remedy } = problem
	const message = `${quoted(problem.target === "" ? "src" : `src/${problem.target}`)}: ${problem.message}`
	const places = named.filter(({ target }) => target === problem.target)
	if (places.length > 0)
		return places.map(({ target: _, ...place }) => ({ severity: "fault", rule, ...place, message, remedy }))
	return [{ severity: problem.isRefused ? "fault" : "warning", rule, ...beginning, message, remedy }]
}

function missingFinding({ target, ...place }: NamedTarget, alike: string | undefined): Finding {
	return {
		severity: "fault",
		rule: "source-missing",
		...place,
		message: `there is no file ${quoted(target)} in src/`,
		remedy:
			alike === undefined
				? "put the file there, or correct the target"
				: `write ${quoted(alike)}, as the file is called`,
	}
}

function unusedFindings(targets: string[]): Finding[] {
	const remedy = "remove it, or add the operation that is missing"
	const warning = { severity: "warning", rule: "source-unused", ...beginning, remedy } as const
	const findings = targets
		.slice(0, MAX_UNUSED)
		.map((target) => ({ ...warning, message: `no operation uses ${quoted(`src/${target}`)}` }))
	const rest = targets.length - findings.length
	return rest > 0 ? [...findings, { ...warning, message: `no operation uses ${rest} further files in src/` }] : findings
}

const beginning = { path: "$", line: 1, column: 1 }

/** Disks of other systems keep names in other case or other Unicode form. */
function loose(target: string): string {
	return target.normalize("NFC").toLowerCase()
}
