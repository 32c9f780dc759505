import type { BackupManifest, Entry } from "../backup/manifest.ts"
import { hashOpen, withFile } from "../disk/content.ts"
import { ExchangedFolder, lstatIn, openIn } from "../disk/held-folder.ts"
import { isSettled } from "../disk/seen-file.ts"
import type { FileStat, Host } from "../host.ts"

/**
 * Whether nobody did anything to a destination since it was backed up: any change of a file's bytes, mode, owner,
 * attributes or name gives it a new `ctime`, and no program can set that one. Trap: a power cut may keep bytes that were
 * written into a file and lose the `ctime` they gave it; so the bytes are compared too.
 */
export async function isUntouched(host: Host, { takenAt }: BackupManifest, entry: Entry): Promise<boolean> {
	let stat: FileStat | undefined
	try {
		stat = await lstatIn(host, entry.path)
	} catch (error) {
		// What is done next says so.
		if (error instanceof ExchangedFolder) return false
		throw error
	}
	if (entry.before.kind === "absent") return stat === undefined
	if (!stat || !entry.seen) return false
	const { device, inode, ctimeNs } = entry.seen
	const isSame = String(stat.inode) === inode && String(stat.device) === device && String(stat.ctimeNs) === ctimeNs
	return isSame && isSettled(stat, takenAt) && (await hashIn(host, entry.path)) === entry.before.digest
}

/** Digest of a file, never of one that a link leads to. */
export async function hashIn(host: Host, path: string): Promise<string> {
	return withFile(openIn(host, path), async (file) => (await hashOpen(host, file)).digest)
}
