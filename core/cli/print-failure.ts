import { appendFileSync } from "node:fs"
import type { Failure, FailureCode } from "../schema/failure.ts"
import { findingSchema, printFinding } from "../schema/finding.ts"
import { EXIT } from "../schema/outcome.ts"
import { plainText } from "../schema/plain-text.ts"
import { sentenceOf } from "../schema/sentences.ts"

/** Failures of what was asked for, not of reaching the appliance: nothing was touched. */
const BAD_INPUT: ReadonlySet<FailureCode> = new Set([
	"module-unreadable",
	"module-faulty",
	"name-taken",
	"source-refused",
	"changed-meanwhile",
	"changes-unpublished",
	"repository-unusable",
	"version-published",
	"version-unknown",
	"tag-changed",
	"cannot-sign",
	"keychain-unusable",
	"module-disabled",
	"module-not-trusted",
	"trusted-keys-unusable",
	"refused-downgrade",
	"refused-same-version",
	"unknown-pool",
	"unknown-run",
	"not-waiting",
	"destination-changed",
	"plan-changed",
	"file-unreadable",
	"state-unsafe",
	"bad-request",
	"not-found",
	"cancelled",
	"internal",
])

/** The exit code of a run that did not start, or whose end nobody knows (DESIGN §6, §8). */
export function exitOfFailure({ code }: Failure): number {
	if (code === "busy") return EXIT.busy
	// The runner died in the middle: a person must look.
	if (code === "runner-failed" || code === "state-damaged") return EXIT.degraded
	return BAD_INPUT.has(code) ? EXIT.badInput : EXIT.unreachable
}

/** Prints findings, what happened and what to do next to stderr; returns the exit code. */
export function printFailure(failure: Failure, prefix = ""): number {
	for (const value of failure.findings ?? []) {
		const finding = findingSchema.safeParse(value)
		if (finding.success && finding.data.severity === "fault") process.stderr.write(`${printFinding(finding.data)}\n`)
	}
	const { what, next } = sentenceOf(failure)
	process.stderr.write(`${prefix}${what}\n${" ".repeat(prefix.length)}${next}\n`)
	return exitOfFailure(failure)
}

/**
 * A fault of this program itself: one sentence for the person, the trace only into the file HOTFIX_TRACE names. A run may
 * have begun, so a person must look: "nothing was touched" could be untrue.
 */
export function printUnexpected(error: unknown): number {
	writeTrace(error)
	const message = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)
	// May quote what came from outside.
	process.stderr.write(`hotfix: an unexpected fault: ${plainText(message)}\n`)
	process.stderr.write("a run that had begun goes on by itself: `hotfix history --on HOST` shows it\n")
	process.stderr.write("set HOTFIX_TRACE=FILE and repeat to have the details written down for a report\n")
	return EXIT.degraded
}

function writeTrace(error: unknown): void {
	const file = process.env.HOTFIX_TRACE
	if (!file) return
	try {
		appendFileSync(file, `${error instanceof Error ? error.stack : String(error)}\n`)
	} catch (cause) {
		process.stderr.write(`hotfix: cannot write ${file}: ${(cause as Error).message}\n`)
	}
}
