import { byPlace, type Finding } from "../finding.ts"
import { normalTarget } from "../manifest.ts"
import { findingsOf } from "../module-index.ts"
import { type SourceProblem, sourceFindings } from "../source-findings.ts"
import { targetsOf } from "../targets.ts"
import { parsePath } from "./parse-path.ts"
import { readValue, valueAt } from "./value.ts"

/** What is known of a module's files: the text on disk with its findings, and what lies below `src/`. */
export interface Told {
	text: string
	findings: readonly Finding[]
	present: string[]
}

/**
 * The findings of a text that is being typed, those about the files below `src/` included: what is wrong with a file
 * itself is taken over from the text on disk, to wherever the file is named now.
 */
export function typedFindings(text: string, told: Told): Finding[] {
	const index = findingsOf(text)
	const faulty = new Set(index.filter(({ severity }) => severity === "fault").map(({ path }) => path))
	const named = targetsOf(text).filter(({ path }) => !faulty.has(path))
	return [...index, ...sourceFindings(named, told.present, problemsOf(told))].sort(byPlace)
}

function problemsOf({ text, findings }: Told): SourceProblem[] {
	const value = readValue(text)
	return findings.flatMap(({ rule, path, severity, message, remedy }) => {
		const target = problemRules.has(rule) ? valueAt(value, parsePath(path) ?? []) : undefined
		if (typeof target !== "string") return []
		const isRefused = severity === "fault"
		return [{ target: normalTarget(target), rule, remedy, isRefused, message: message.replace(/^"[^"]*": /, "") }]
	})
}

/** Rules of `core/folder` about one file below `src/`. */
const problemRules = new Set([
	"source-unreadable",
	"link-leaves-source",
	"source-special",
	"link-to-folder",
	"link-broken",
])
