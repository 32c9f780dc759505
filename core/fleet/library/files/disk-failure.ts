import { FailureError } from "../../../schema/failure.ts"

/** For `.catch`: what is not there is undefined, any other error stays one. */
export function isMissing(error: unknown): undefined {
	if (["ENOENT", "ENOTDIR"].includes(codeOf(error))) return undefined
	throw error
}

/** The system's code of an error, `ENOENT` for example; empty for any other. */
export function codeOf(error: unknown): string {
	return error instanceof Error && "code" in error ? String(error.code) : ""
}

/** An error of the file system as a failure; any other comes back as it was. */
export function diskFailure(error: unknown, path: string): unknown {
	if (error instanceof FailureError) return error
	const make = failures[codeOf(error)]
	return make ? new FailureError(make.code, { path, ...make.data }, { cause: error }) : error
}

/** Does `work`; errors of the file system become failures about `path`. */
export async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
	try {
		return await work()
	} catch (error) {
		throw diskFailure(error, path)
	}
}

const full = { code: "disk-full", data: {} } as const
const denied = { code: "not-permitted", data: {} } as const
const refused = (reason: string) => ({ code: "source-refused", data: { reason } }) as const

const failures: Partial<
	Record<string, { code: FailureError["failure"]["code"]; data: FailureError["failure"]["data"] }>
> = {
	ENOSPC: full,
	EDQUOT: full,
	EROFS: { code: "read-only", data: {} },
	EACCES: denied,
	EPERM: denied,
	ENOENT: { code: "not-found", data: { kind: "file" } },
	ENAMETOOLONG: refused("name-too-long"),
	ENOTDIR: refused("in-the-way"),
	EISDIR: refused("a-folder"),
	ENOTEMPTY: refused("in-the-way"),
	EFBIG: refused("too-large"),
	ELOOP: refused("outside"),
}
