import type { FinalClosure, Reason } from "../../schema/outcome.ts"

/** Longest texts of a reason that the desktop keeps; what an honest runner says is shorter, but for a long command. */
const LONGEST = { message: 2000, command: 10_000, signal: 100, output: 16_384, detail: 2000 }
const MOST_DETAILS = 60

/** A reason as it is kept in the state that every page gets: an appliance may be hostile. */
export function shortenReason(reason: Reason): Reason {
	const { command, signal, output, details } = reason
	return {
		...reason,
		message: cut(reason.message, LONGEST.message),
		...(command !== undefined && { command: cut(command, LONGEST.command) }),
		...(signal !== undefined && { signal: cut(signal, LONGEST.signal) }),
		...(output !== undefined && { output: output.slice(-LONGEST.output) }),
		...(details && { details: details.slice(0, MOST_DETAILS).map((detail) => cut(detail, LONGEST.detail)) }),
	}
}

export function shortenFinalClosure({ outcome, why, reason }: FinalClosure): FinalClosure {
	return {
		outcome,
		...(why && { why: cut(why, LONGEST.message) }),
		...(reason && { reason: shortenReason(reason) }),
	}
}

function cut(text: string, longest: number): string {
	return text.length > longest ? `${text.slice(0, longest)}…` : text
}
