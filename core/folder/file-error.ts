import { FailureError } from "../schema/failure.ts"

/** The failure of reading a part of a module, in the words of `FailureData`. */
export function unreadable(path: string, error: unknown): FailureError {
	if (error instanceof FailureError) return error
	return new FailureError("module-unreadable", { path, reason: reasonOf(error) }, { cause: error })
}

/** Why a file cannot be read: a word of `FailureData`, or the system's own code. */
export function reasonOf(error: unknown): string {
	const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable"
	return reasons[code] ?? code.toLowerCase()
}

const reasons: Record<string, string> = {
	ENOENT: "missing",
	ENOTDIR: "missing",
	EACCES: "not-permitted",
	EPERM: "not-permitted",
	EISDIR: "a-folder",
	ELOOP: "its links lead in a circle",
	ENAMETOOLONG: "its path is too long",
	EIO: "the disk reports an error",
}
