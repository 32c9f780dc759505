import { folderOf, isBelow } from "../disk/path.ts"
import { sideBySide } from "../disk/side-by-side.ts"
import type { Host } from "../host.ts"
import type { BackupManifest } from "./manifest.ts"

/**
 * Where something was mounted when the backup was taken, and nothing is now: another file or folder shows there, and what
 * the pool wrote lies on a disk that cannot be seen. Right after a boot a disk may still be missing.
 */
export async function findLostMounts(host: Host, manifest: BackupManifest): Promise<string[]> {
	const lost = await sideBySide(findMounts(manifest), async (path) => ((await isMounted(host, path)) ? [] : [path]))
	return lost.flat()
}

/** One that cannot be looked at does not count: nobody knows what would be written to. */
async function isMounted({ disk }: Host, path: string): Promise<boolean> {
	try {
		const [stat, folder] = [await disk.lstat(path), await disk.lstat(folderOf(path))]
		return stat !== undefined && stat.device !== folder?.device
	} catch {
		return false
	}
}

/** The same backup without what lies there: none of it can be put back, and nothing may be written in its place. */
export function withoutLost(manifest: BackupManifest, lost: string[]): BackupManifest {
	const isSeen = (path: string) => !lost.some((mount) => isBelow(path, mount))
	return {
		...manifest,
		makes: manifest.makes.filter(isSeen),
		entries: manifest.entries.filter(({ path, linkPath = path }) => isSeen(path) && isSeen(linkPath)),
		...(manifest.folders ? { folders: manifest.folders.filter(({ path }) => isSeen(path)) } : {}),
	}
}

/** Folders and files that lay on another disk than the folder above them. */
function findMounts({ folders = [], entries }: BackupManifest): string[] {
	const devices = new Map(folders.map(({ path, device }) => [path, device]))
	const isElsewhere = (path: string, device: string) => (devices.get(folderOf(path)) ?? device) !== device
	return [
		...folders.filter(({ path, device, isMount }) => isMount ?? isElsewhere(path, device)).map(({ path }) => path),
		...entries.filter(({ path, seen }) => seen && isElsewhere(path, seen.device)).map(({ path }) => path),
	]
}
