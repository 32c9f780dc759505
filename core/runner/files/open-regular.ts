import { withFile } from "../../engine/disk/content.ts"
import type { FileStat, Host, OpenFile } from "../../engine/host.ts"
import { FailureError } from "../../schema/failure.ts"

export interface Opened {
	file: OpenFile
	stat: FileStat
	/** Where it lies, links followed. */
	realPath: string
}

/**
 * Uses a regular file, links followed. Anything else is refused before it is opened: opening a pipe waits, and opening a
 * device can do something. What takes the file's place in between is opened without waiting and refused then.
 */
export async function withRegularFile<T>(host: Host, path: string, use: (opened: Opened) => Promise<T>): Promise<T> {
	const realPath = await host.disk.realPath(path)
	// Reading some of the kernel's own files takes from others what they wait for, such as its messages.
	if (/^\/(?:proc|sys|dev)(?:\/|$)/.test(realPath)) throw notAFile(path)
	const found = await host.disk.lstat(realPath)
	if (!found) throw new FailureError("not-found", { kind: "file", path })
	requireRegular(found, path)
	return withFile(host.disk.open(realPath, "readItself"), async (file) => {
		const stat = await file.stat()
		requireRegular(stat, path)
		return use({ file, stat, realPath })
	})
}

function requireRegular({ kind }: FileStat, path: string): void {
	if (kind === "file") return
	throw kind === "folder" ? new FailureError("file-unreadable", { path, reason: "a-folder" }) : notAFile(path)
}

function notAFile(path: string): FailureError {
	return new FailureError("file-unreadable", { path, reason: "not-a-file" })
}
