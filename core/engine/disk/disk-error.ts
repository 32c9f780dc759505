/** What the system's error codes mean to a person. */
const meanings: Record<string, string> = {
	EACCES: "permission denied",
	EBUSY: "the file is in use as a mount point",
	EDQUOT: "the disk quota is used up",
	EFBIG: "the file is too large for its file system",
	EIO: "the disk reports an input/output error",
	EISDIR: "it is a folder",
	ELOOP: "it is a link that leads in a circle",
	EMFILE: "too many open files",
	ENAMETOOLONG: "the name is too long",
	ENOENT: "it does not exist",
	ENOSPC: "no space is left on the disk",
	ENOTDIR: "a part of its path is no folder",
	ENOTEMPTY: "the folder is not empty",
	EPERM: "it is protected (immutable?) or belongs to somebody else",
	EROFS: "the file system is read-only",
	ETXTBSY: "it is a program that is running",
}

/** The system's code of an error (`ENOSPC` ...), if it has one. */
export function codeOf(error: unknown): string | undefined {
	const code = error instanceof Error ? (error as Error & { code?: unknown }).code : undefined
	return typeof code === "string" ? code : undefined
}

/** Whether an error, or what it came from, says that there is no room. */
export function isFull(error: unknown): boolean {
	const code = codeOf(error)
	if (code === "ENOSPC" || code === "EDQUOT") return true
	return error instanceof Error && error.cause !== undefined && isFull(error.cause)
}

/** What went wrong, for a person: no full stop, no stack trace. */
export function meaningOf(error: unknown): string {
	const code = codeOf(error)
	return (code && meanings[code]) ?? (error instanceof Error ? error.message : String(error))
}

/** `cannot ${what}: why`, with the error as its cause. */
export function because(what: string, error: unknown): Error {
	return new Error(`cannot ${what}: ${meaningOf(error)}`, { cause: error })
}

/** Runs a step whose "there is none" is as good as done; undefined then. */
export async function unlessAbsent<T>(step: Promise<T>): Promise<T | undefined> {
	try {
		return await step
	} catch (error) {
		if (codeOf(error) !== "ENOENT") throw error
		return undefined
	}
}
