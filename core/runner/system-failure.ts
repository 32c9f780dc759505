import { systemCodes } from "../engine/state/state-failure.ts"
import { FailureError } from "../schema/failure.ts"

/** An error of a system call on `path` as a typed failure; one that is typed already stays as it is. */
export function systemFailure(error: unknown, path: string): FailureError {
	if (error instanceof FailureError) return error
	const { code, message } = error as NodeJS.ErrnoException
	const known = systemCodes[code ?? ""]
	if (known) return new FailureError(known, { path }, { cause: error })
	return new FailureError("internal", { message: String(message).split("\n", 1)[0] ?? "", path }, { cause: error })
}

/** Whether an error says that there is nothing at a path. */
export function isAbsent(error: unknown): boolean {
	const code = (error as NodeJS.ErrnoException).code
	return code === "ENOENT" || code === "ENOTDIR"
}
