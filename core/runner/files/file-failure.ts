import { codeOf } from "../../engine/disk/disk-error.ts"
import { FailureError } from "../../schema/failure.ts"
import { systemFailure } from "../system-failure.ts"

const reasons: Record<string, string | undefined> = {
	ELOOP: "loop",
	EISDIR: "a-folder",
	ENOTDIR: "not-a-folder",
	ENXIO: "not-a-file",
	EIO: "disk",
}

/** Why a file of the appliance could not be looked at. */
export function fileFailure(error: unknown, path: string): FailureError {
	if (error instanceof FailureError) return error
	const code = codeOf(error) ?? ""
	if (code === "ENOENT" || code === "ENAMETOOLONG")
		return new FailureError("not-found", { kind: "file", path }, { cause: error })
	const reason = reasons[code]
	if (reason !== undefined) return new FailureError("file-unreadable", { path, reason }, { cause: error })
	return systemFailure(error, path)
}

/** Runs a look at `path`; whatever goes wrong is a typed failure. */
export async function looking<T>(path: string, look: () => Promise<T>): Promise<T> {
	try {
		return await look()
	} catch (error) {
		throw fileFailure(error, path)
	}
}
