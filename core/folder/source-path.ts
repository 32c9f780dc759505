import { constants } from "node:fs"
import { type FileHandle, open, realpath } from "node:fs/promises"
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

/** Read at once; below the protocol's limit of 1 MiB for one piece. */
export const PIECE_BYTES = 256 * 1024

/** Opens a regular file by its real path: no link is followed any more, no pipe waited for. The caller closes it. */
export async function openRegular(path: string): Promise<FileHandle> {
	// Windows has neither flag, and no pipes in folders.
	const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
	const file = await open(path, flags)
	const found = await file.stat()
	if (found.isFile()) return file
	await file.close()
	throw new FailureError("module-unreadable", { path, reason: found.isDirectory() ? "a-folder" : "not-a-file" })
}
