import { ORPCError } from "@orpc/client"
import { type Failure, FailureError, failureSchema } from "../../core/schema/failure.ts"
import { sentenceOf } from "../../core/schema/sentences.ts"
import { OfflineError, SlowError } from "./link.ts"

/** What a person is told when a call did not succeed. */
export interface Problem {
	what: string
	next?: string
	failure?: Failure
}

/** The failure that a call ended with, or that its answer told, if it is one of the contract's. */
export function failureOf(error: unknown): Failure | undefined {
	if (error instanceof FailureError) return error.failure
	if (!(error instanceof ORPCError)) return undefined
	return failureSchema.safeParse(error.data).data
}

export function problemOf(error: unknown): Problem {
	const failure = failureOf(error)
	if (failure) return problemOfFailure(failure)
	if (error instanceof OfflineError) {
		return { what: "The connection to the program is lost.", next: "It reconnects by itself; then try again." }
	}
	if (error instanceof SlowError) {
		return { what: "The program did not answer in time.", next: "Try again; if it stays so, restart the program." }
	}
	return { what: "Something in the program went wrong.", next: "Try again; if it stays so, restart the program." }
}

export function problemOfFailure(failure: Failure): Problem {
	const { what, next } = sentenceOf(failure)
	return { what, next, failure }
}
