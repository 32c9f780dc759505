import { constants } from "node:fs"
import { open, realpath } from "node:fs/promises"
import { join, sep } from "node:path"
import { FailureError } from "../schema/failure.ts"

/** Where a module's files really lie. A `src/` that is a link to elsewhere would let any file pass as a source. */
export async function realSourceFolder(folder: string): Promise<string> {
	const root = await realpath(folder)
	const source = await realpath(join(folder, "src"))
	if (isInside(source, root)) return source
	throw new FailureError("module-unreadable", {
		path: join(folder, "src"),
		reason: "it is a link that leaves the module",
	})
}

/** Whether a real path lies below a real folder, or is it. */
export function isInside(path: string, folder: string): boolean {
	return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

/** Below the protocol's limit of 1 MiB for one piece. */
const PIECE_BYTES = 256 * 1024

/** A regular file's bytes by its real path: no link is followed any more, no pipe waited for. Closed however it ends. */
export async function* readPieces(path: string): AsyncGenerator<Buffer, void, undefined> {
	// Windows has neither flag, and no pipes in folders.
	const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
	const file = await open(path, flags)
	try {
		const found = await file.stat()
		if (!found.isFile()) {
			throw new FailureError("module-unreadable", { path, reason: found.isDirectory() ? "a-folder" : "not-a-file" })
		}
		yield* file.createReadStream({ highWaterMark: PIECE_BYTES, autoClose: false })
	} finally {
		await file.close()
	}
}
