import type { Host } from "../host.ts"
import { codeOf } from "./disk-error.ts"
import { inFolderOf } from "./held-folder.ts"
import { folderOf } from "./path.ts"

/** Makes a folder if it is missing and makes its name safe on disk. */
export async function makeFolder(host: Host, path: string, mode: number): Promise<void> {
	try {
		await host.disk.makeFolder(path, mode)
	} catch (error) {
		if (codeOf(error) !== "EEXIST") throw error
	}
	await host.disk.syncFolder(folderOf(path))
}

/** Makes one in a folder that is held, for all that is not the engine's own; the caller makes its name safe. */
export async function makeFolderIn(
	host: Host,
	path: string,
	mode: number,
	owner?: { uid: number; gid: number },
): Promise<void> {
	await inFolderOf(host, path, async ({ at }) => {
		try {
			await host.disk.makeFolder(at(path), mode, owner)
		} catch (error) {
			if (codeOf(error) !== "EEXIST") throw error
		}
	})
}

/** Folders from `path` upwards that do not exist, outermost first. */
export async function missingFolders(host: Host, path: string): Promise<string[]> {
	const missing: string[] = []
	for (let folder = path; folder !== "/" && !(await host.disk.lstat(folder)); folder = folderOf(folder)) {
		missing.unshift(folder)
	}
	return missing
}
