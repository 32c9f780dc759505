import { type FSWatcher, statSync, watch as watchFolder } from "node:fs"

/** Folders watched for what is followed, a module or the list of them; more are looked at in intervals only. */
const MAX_FOLDERS = 4000

export interface FolderWatch {
	/** Watches exactly these folders from now on; true when one of them is new. */
	set(folders: string[]): boolean
	/** False: not every folder can be watched, and somebody has to look. */
	isComplete(): boolean
	close(): void
}

/**
 * Calls `hint` when something in a folder may have changed: never what, and rather too often. One watch a folder:
 * Node's recursive one misses what is made in a folder while it is being added.
 */
export function watchFolders(hint: (folder: string) => void, watch: typeof watchFolder = watchFolder): FolderWatch {
	const watches = new Map<string, { watcher: FSWatcher; id: string }>()
	let failed = new Set<string>()
	let isClosed = false

	const drop = (folder: string) => {
		watches.get(folder)?.watcher.close()
		watches.delete(folder)
	}
	const add = (folder: string) => {
		try {
			// Before the watch: one that is replaced between the two looks replaced the next time.
			const id = idOf(folder)
			const watcher = watch(folder, { persistent: false }, () => hint(folder))
			watcher.on("error", () => {
				drop(folder)
				failed.add(folder)
				hint(folder)
			})
			watches.set(folder, { watcher, id })
		} catch {
			// Too many watches (inotify's limits), or gone again: `isComplete` says that somebody has to look.
			failed.add(folder)
		}
	}

	return {
		set(folders) {
			// What was still being read when nobody followed any more.
			if (isClosed) return false
			const wanted = new Set(folders.slice(0, MAX_FOLDERS))
			failed = new Set(folders.slice(MAX_FOLDERS))
			// A watch stays with the folder that it was made for, and is deaf once another one has the name.
			for (const [folder, { id }] of watches) if (!wanted.has(folder) || idOf(folder) !== id) drop(folder)
			const fresh = [...wanted].filter((folder) => !watches.has(folder))
			for (const folder of fresh) add(folder)
			return fresh.some((folder) => watches.has(folder))
		},
		isComplete: () => failed.size === 0,
		close() {
			isClosed = true
			for (const folder of [...watches.keys()]) drop(folder)
		},
	}
}

/** Inodes are given away again, so the time of birth belongs to it. Empty where no folder can be looked at. */
function idOf(folder: string): string {
	try {
		const { dev, ino, birthtimeNs } = statSync(folder, { bigint: true })
		return `${dev}:${ino}:${birthtimeNs}`
	} catch {
		return ""
	}
}
