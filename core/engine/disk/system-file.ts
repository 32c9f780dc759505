import type { FileStat, Host, OpenFile } from "../host.ts"
import { readBytes, withFile } from "./content.ts"
import { codeOf, meaningOf, unlessAbsent } from "./disk-error.ts"
import { findExposed, resolveTrusted } from "./exposed.ts"
import { folderOf, join, nameOf } from "./path.ts"

/**
 * What only root can have said, and the folder that it lies in without links; `fault`: why nobody may go by the file, in
 * words without its path.
 */
export type SystemFile = { bytes: Uint8Array; folder: string } | { fault: string }

/**
 * A file by which the appliance's owner tells the runner what it may do (`/etc/hotfix/…`). Only what is root's, or this
 * account's own, is read: no link, not writable by others, in folders that others can neither write to nor exchange.
 * Undefined when there is none that anybody could have taken away; whoever calls must take a `fault` as "not allowed". `limit`: bytes.
 */
export async function readSystemFile(host: Host, path: string, limit: number): Promise<SystemFile | undefined> {
	try {
		const folder = await resolveTrusted(host, folderOf(path))
		if (!(await host.disk.lstat(folder))) {
			// What it leads to may be there again tomorrow, and say something.
			if (await host.disk.lstat(folderOf(path)))
				throw new Error(`its folder is a link to ${folder}, which is not there`)
			return undefined
		}
		const exposed = await findExposed(host, folder)
		// Also of a file that is not there: they can have taken it away.
		if (exposed !== undefined) throw new Error(`others may write to its folder ${exposed}`)
		const file = await unlessAbsent(openItself(host, join(folder, nameOf(path))))
		if (!file) return undefined
		return { bytes: await withFile(Promise.resolve(file), () => readWhole(host, file, limit)), folder }
	} catch (error) {
		return { fault: meaningOf(error) }
	}
}

async function openItself(host: Host, path: string): Promise<OpenFile> {
	try {
		return await host.disk.open(path, "readItself")
	} catch (error) {
		throw codeOf(error) === "ELOOP" ? new Error("it is a link") : error
	}
}

async function readWhole(host: Host, file: OpenFile, limit: number): Promise<Uint8Array> {
	const stat = await file.stat()
	refuseUnsafe(host, stat, limit)
	const bytes = await readBytes(file, stat.size)
	if (bytes.length < stat.size) throw new Error("it was written while it was read")
	return bytes
}

function refuseUnsafe(host: Host, { kind, uid, mode, size, links }: FileStat, limit: number): void {
	if (kind !== "file") throw new Error("it is no regular file")
	if (uid !== 0 && uid !== host.self.uid) throw new Error(`it belongs to user ${uid}, not to root`)
	if ((mode & 0o022) !== 0) throw new Error("others than its owner may write to it")
	// A module may be allowed to write that one.
	if (links > 1) throw new Error("it has another name, too")
	if (size > limit) throw new Error(`it has more than ${limit} bytes`)
}
