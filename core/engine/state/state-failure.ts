import { type FailureCode, FailureError } from "../../schema/failure.ts"
import { codeOf, meaningOf } from "../disk/disk-error.ts"

/** What the system's error codes mean for a person, where a folder of ours cannot be used. */
export const systemCodes: Record<string, FailureCode | undefined> = {
	ENOSPC: "disk-full",
	EDQUOT: "disk-full",
	EROFS: "read-only",
	EACCES: "not-permitted",
	EPERM: "not-permitted",
}

/** What stops the engine itself, as against a pool: its own folder cannot be used. */
export function stateFailure(error: unknown, path: string): FailureError {
	if (error instanceof FailureError) return error
	const code = systemCodes[codeOf(error) ?? codeOf(causeOf(error)) ?? ""]
	if (code) return new FailureError(code, { path }, { cause: error })
	return new FailureError("runner-failed", { reason: meaningOf(error) }, { cause: error })
}

/**
 * What stopped a run that was begun. Files may have been touched, so it is none of the failures that say the contrary;
 * recovery decides what becomes of it.
 */
export function openRunFailure(error: unknown): FailureError {
	if (error instanceof FailureError) return error
	return new FailureError("runner-failed", { reason: meaningOf(error) }, { cause: error })
}

function causeOf(error: unknown): unknown {
	return error instanceof Error ? error.cause : undefined
}
