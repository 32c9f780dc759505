import { type FSWatcher, watch as watchFolder } from "node:fs"

/** Folders watched for one module; more are looked at in intervals only. */
const MAX_FOLDERS = 4000

export interface FolderWatch {
	/** Watches exactly these folders from now on; true when one of them is new. */
	set(folders: string[]): boolean
	/** False: not every folder can be watched, and somebody has to look. */
	isComplete(): boolean
	close(): void
}

/**
 * Calls `hint` when something in the folders may have changed: never what, and rather too often. One watch a folder:
 * Node's recursive one misses what is made in a folder while it is being added.
 */
export function watchFolders(hint: () => void, watch: typeof watchFolder = watchFolder): FolderWatch {
	const watches = new Map<string, FSWatcher>()
	let failed = new Set<string>()

	const drop = (folder: string) => {
		watches.get(folder)?.close()
		watches.delete(folder)
	}
	const add = (folder: string) => {
		try {
			const one = watch(folder, { persistent: false }, hint)
			one.on("error", () => {
				drop(folder)
				failed.add(folder)
				hint()
			})
			watches.set(folder, one)
		} catch {
			// Too many watches (inotify's limits), or gone again: `isComplete` says that somebody has to look.
			failed.add(folder)
		}
	}

	return {
		set(folders) {
			const wanted = new Set(folders.slice(0, MAX_FOLDERS))
			failed = new Set(folders.slice(MAX_FOLDERS))
			for (const folder of watches.keys()) if (!wanted.has(folder)) drop(folder)
			const fresh = [...wanted].filter((folder) => !watches.has(folder))
			for (const folder of fresh) add(folder)
			return fresh.some((folder) => watches.has(folder))
		},
		isComplete: () => failed.size === 0,
		close() {
			for (const folder of [...watches.keys()]) drop(folder)
		},
	}
}
