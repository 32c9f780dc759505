import type { Failure } from "../../schema/failure.ts"
import { findingSchema, printFinding } from "../../schema/finding.ts"
import { EXIT } from "../../schema/outcome.ts"
import { sentenceOf } from "../../schema/sentences.ts"

/** Where lines go: results to standard output, everything about what went wrong to standard error. */
export interface Output {
	line(text: string): void
	complain(text: string): void
}

export const standardOutput: Output = {
	line: (text) => void process.stdout.write(`${text}\n`),
	complain: (text) => void process.stderr.write(`${text}\n`),
}

/** One JSON object a line. */
export function printJson(output: Output, value: unknown): void {
	output.line(JSON.stringify(value))
}

/** All faults of a module, then what happened and what to do next; returns the exit code. */
export function printFailure(output: Output, failure: Failure): number {
	for (const value of failure.findings ?? []) {
		const finding = findingSchema.safeParse(value)
		if (finding.success && finding.data.severity === "fault") output.complain(printFinding(finding.data))
	}
	const { what, next } = sentenceOf(failure)
	output.complain(what)
	if (next) output.complain(next)
	return exitOfFailure(failure)
}

/** The exit code where a run did not begin, or nobody knows how it ended (DESIGN §6). */
function exitOfFailure({ code }: Failure): number {
	if (code === "busy") return EXIT.busy
	return code === "runner-failed" || code === "state-damaged" ? EXIT.degraded : EXIT.badInput
}
