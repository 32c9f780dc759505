import type { FileStat, Host, OpenFile } from "../host.ts"
import { withFile } from "./content.ts"
import { codeOf, unlessAbsent } from "./disk-error.ts"
import { openWith } from "./open-with.ts"
import { folderOf, join, nameOf } from "./path.ts"

/** A folder is no longer the one that was looked at: nothing was done in what stands there now. */
export class ExchangedFolder extends Error {}

export interface HeldFolder {
	/** The path by which a name in it must be used. */
	at(path: string): string
	folder: OpenFile
}

/**
 * Holds the folder that `path` lies in, and gives the way to its names that stays in it. Who may rename folders on the way
 * could otherwise lead every step by path into a folder of theirs, or of root's. `path` must be without links, as it was
 * when the pool was looked at. Throws `ExchangedFolder`, or ENOENT where there is no such folder.
 */
export async function inFolderOf<T>(host: Host, path: string, use: (held: HeldFolder) => Promise<T>): Promise<T> {
	return inFolder(host, folderOf(path), use)
}

export async function inFolder<T>(host: Host, real: string, use: (held: HeldFolder) => Promise<T>): Promise<T> {
	return withFile(openFolder(host, real), (folder) => use({ folder, at: (path) => join(folder.path, nameOf(path)) }))
}

async function openFolder(host: Host, real: string): Promise<OpenFile> {
	const opening = host.disk.open(real, "folder").catch((error: unknown) => {
		// What a link, or a file, says.
		if (codeOf(error) === "ENOTDIR" || codeOf(error) === "ELOOP") throw exchanged(real)
		throw error
	})
	return openWith(opening, async (folder) => {
		if ((await realPathOf(host, folder, real)) !== real) throw exchanged(real)
	})
}

/** By the open folder where the system tells; else by the path, which is right at this moment only. */
function realPathOf(host: Host, folder: OpenFile, path: string): Promise<string> {
	return folder.path === path ? host.disk.realPath(path) : host.disk.readLink(folder.path)
}

function exchanged(path: string): ExchangedFolder {
	return new ExchangedFolder(`the folder ${path} was exchanged for another one meanwhile, which was left alone`)
}

/** Opens a file, never one that a link leads to. */
export async function openIn(
	host: Host,
	path: string,
	how: "readItself" | "append" = "readItself",
	mode?: number,
): Promise<OpenFile> {
	const opened: OpenFile[] = []
	try {
		return await inFolderOf(host, path, async ({ at }) => {
			const file = await host.disk.open(at(path), how, mode)
			opened.push(file)
			return file
		})
	} catch (error) {
		// Where the folder cannot be closed.
		for (const file of opened) await file.close().catch(() => {})
		throw error
	}
}

/** Removes a file or link, if it and its folder are there. */
export async function removeIn(host: Host, path: string): Promise<void> {
	await unlessAbsent(inFolderOf(host, path, ({ at }) => unlessAbsent(host.disk.remove(at(path)))))
}

/** Undefined when there is nothing, or not even the folder. */
export async function lstatIn(host: Host, path: string): Promise<FileStat | undefined> {
	try {
		return await inFolderOf(host, path, ({ at }) => host.disk.lstat(at(path)))
	} catch (error) {
		if (codeOf(error) === "ENOENT") return undefined
		throw error
	}
}
