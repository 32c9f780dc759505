import { FailureError } from "../schema/failure.ts"

/** What the system's error codes mean for a person. */
const CODES = {
	ENOSPC: "disk-full",
	EDQUOT: "disk-full",
	EROFS: "read-only",
	EACCES: "not-permitted",
	EPERM: "not-permitted",
} as const

/** An error of a system call on `path` as a typed failure; one that is typed already stays as it is. */
export function systemFailure(error: unknown, path: string): FailureError {
	if (error instanceof FailureError) return error
	const { code, message } = error as NodeJS.ErrnoException
	const known = CODES[code as keyof typeof CODES]
	if (known) return new FailureError(known, { path }, { cause: error })
	return new FailureError("internal", { message: String(message).split("\n", 1)[0] ?? "", path }, { cause: error })
}

/** Whether an error says that there is nothing at a path. */
export function isAbsent(error: unknown): boolean {
	const code = (error as NodeJS.ErrnoException).code
	return code === "ENOENT" || code === "ENOTDIR"
}
