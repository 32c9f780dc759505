import type { Destination } from "../change.ts"
import { findExposed } from "../disk/exposed.ts"
import { inFolder } from "../disk/held-folder.ts"
import { makeFolderIn } from "../disk/make-folders.ts"
import { folderOf } from "../disk/path.ts"
import { sideBySide } from "../disk/side-by-side.ts"
import type { FileStat, Host } from "../host.ts"
import { type BackupManifest, type FolderSnapshot, isSameBoot } from "./manifest.ts"

/** Every folder above the destinations that is there, outermost first: a closure may remove them. */
export async function readFolders(host: Host, destinations: Destination[]): Promise<FolderSnapshot[]> {
	const folders = new Set<string>()
	for (const { path, linkPath = path } of destinations) {
		for (const name of [path, linkPath]) {
			for (let folder = folderOf(name); folder !== "/"; folder = folderOf(folder)) folders.add(folder)
		}
	}
	const found = await sideBySide([...folders].sort(), async (path) => {
		const stat = await host.disk.lstat(path)
		if (stat && stat.kind !== "folder") throw new Error(`cannot back up ${path}: it is no folder any more`)
		if (!stat) return []
		const above = await host.disk.lstat(folderOf(path))
		return [{ ...snapshotOf(path, stat), isMount: above?.device !== stat.device }]
	})
	return found.flat()
}

/** Folders that are gone are made again, others get back their mode and owner; the caller syncs all of them. */
export async function restoreFolders(
	host: Host,
	manifest: BackupManifest,
	attempt: (what: string, step: () => Promise<unknown>) => Promise<boolean>,
): Promise<void> {
	for (const folder of manifest.folders ?? []) {
		const stat = await host.disk.lstat(folder.path)
		if (!stat) await attempt(`make the folder ${folder.path} again`, () => makeAgain(host, folder))
		else if (stat.kind === "folder" && !isSame(stat, folder)) {
			await attempt(`give the folder ${folder.path} back`, () => giveBack(host, folder, isSameBoot(host, manifest)))
		}
	}
}

/** A sentence for each folder that is not as it was. */
export async function compareFolders(host: Host, { folders = [] }: BackupManifest): Promise<string[]> {
	const differences = await sideBySide(folders, async (folder) => {
		const stat = await host.disk.lstat(folder.path)
		if (stat?.kind !== "folder") return [`the folder ${folder.path} is missing`]
		return isSame(stat, folder) ? [] : [`the folder ${folder.path} has another mode, owner or group`]
	})
	return differences.flat()
}

function makeAgain(host: Host, { path, mode, uid, gid }: FolderSnapshot): Promise<void> {
	return makeFolderIn(host, path, mode, { uid, gid })
}

/** Never a folder that others could have put there: they would get one of root's. */
async function giveBack(host: Host, before: FolderSnapshot, isSameBoot: boolean): Promise<void> {
	const isExposed = (await findExposed(host, folderOf(before.path))) !== undefined
	await inFolder(host, before.path, async ({ folder }) => {
		const { device, inode } = snapshotOf(before.path, await folder.stat())
		if (isExposed && ((isSameBoot && device !== before.device) || inode !== before.inode))
			throw new Error("others on the appliance can have put another one in its place")
		await folder.setOwner(before.uid, before.gid)
		await folder.setMode(before.mode)
	})
}

function snapshotOf(path: string, { mode, uid, gid, device, inode }: FileStat): FolderSnapshot {
	return { path, mode, uid, gid, device: String(device), inode: String(inode) }
}

function isSame(stat: FileStat, { mode, uid, gid }: FolderSnapshot): boolean {
	return stat.mode === mode && stat.uid === uid && stat.gid === gid
}
