import { openIn } from "../disk/held-folder.ts"
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
		const opened = await sideBySide(paths.slice(from, from + AT_ONCE), (path) => tryOpen(host, path))
		const files = opened.filter((file) => file !== undefined)
		try {
			const digests = await host.attributes.find(
				files.map(({ file }) => file.path),
				scratch,
			)
			for (const { path, file, stat } of files) {
				const digest = digests.get(file.path)
				found.set(path, { stat, ...(digest === undefined ? {} : { digest }) })
			}
		} finally {
			await sideBySide(files, ({ file }) => file.close())
		}
	}
	return found
}

interface Opened {
	path: string
	file: OpenFile
	stat: FileStat
}

async function tryOpen(host: Host, path: string): Promise<Opened | undefined> {
	// Whoever needs this file opens it too, and says why it cannot.
	const file = await openIn(host, path).catch(() => undefined)
	if (!file) return undefined
	try {
		const stat = await file.stat()
		if (stat.kind === "file") return { path, file, stat }
	} catch (error) {
		await file.close().catch(() => {})
		throw error
	}
	await file.close()
	return undefined
}
