import { codeOf } from "../disk/disk-error.ts"
import { ExchangedFolder, openIn } from "../disk/held-folder.ts"
import { sideBySide } from "../disk/side-by-side.ts"
import type { FileStat, Host, OpenFile } from "../host.ts"

/** Files held open at the same time, far below any limit. */
const AT_ONCE = 100

export interface FoundAttributes {
	/** Of the file whose attributes these are. */
	stat: FileStat
	/** The same exactly when the attributes and ACLs are; absent where there are none. */
	digest?: string
}

/** What attributes files have, found by the open files. A path where there is no regular file any more is left out. */
export async function findAttributes(
	host: Host,
	paths: string[],
	scratch: string,
): Promise<Map<string, FoundAttributes>> {
	const found = new Map<string, FoundAttributes>()
	if (paths.length === 0 || (await host.attributes.missing())) return found
	await host.disk.removeTree(scratch)
	for (let from = 0; from < paths.length; from += AT_ONCE) {
		const opened: OpenFile[] = []
		try {
			const files = await sideBySide(paths.slice(from, from + AT_ONCE), (path) => openFile(host, path, opened))
			await addFound(host, files.flat(), scratch, found)
		} finally {
			// They were only read: nothing can be lost any more.
			await Promise.all(opened.map((file) => file.close().catch(() => {})))
		}
	}
	return found
}

interface Opened {
	path: string
	file: OpenFile
	stat: FileStat
}

async function openFile(host: Host, path: string, opened: OpenFile[]): Promise<Opened[]> {
	const file = await openIn(host, path).catch((error) => {
		// Whoever needs this file opens it too, and says so. Any other error must not pass for "it has none".
		if (codeOf(error) === "ENOENT" || codeOf(error) === "ELOOP" || error instanceof ExchangedFolder) return undefined
		throw error
	})
	if (!file) return []
	opened.push(file)
	const stat = await file.stat()
	return stat.kind === "file" ? [{ path, file, stat }] : []
}

async function addFound(
	host: Host,
	files: Opened[],
	scratch: string,
	found: Map<string, FoundAttributes>,
): Promise<void> {
	if (files.length === 0) return
	const digests = await host.attributes.find(
		files.map(({ file }) => file.path),
		scratch,
	)
	for (const { path, file, stat } of files) {
		const digest = digests.get(file.path)
		found.set(path, { stat, ...(digest === undefined ? {} : { digest }) })
	}
}
