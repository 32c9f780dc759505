import { lstat } from "node:fs/promises"
import { dirname } from "node:path"
import { isDeepStrictEqual } from "node:util"
import type { LibraryModule, ListChange } from "../../../schema/library.ts"
import { codeOf } from "../files/disk-failure.ts"
import { type ListedFolder, type ListedFolders, type ReadRow, readEach, sortRows } from "../list-modules.ts"
import { createFollowed, type WatchSettings } from "./followed.ts"
import { foldersOf } from "./module-watch.ts"
import type { FolderWatch } from "./watch-folders.ts"

export interface ListWatchOptions extends Omit<WatchSettings, "name"> {
	libraryFolder: string
	/** Holds the database, which every run writes; of the list it only has what is remembered of modules. */
	dataFolder: string
	/** Anything that is another one whenever what is remembered of modules is. */
	readRemembered(): unknown
	listFolders(): Promise<ListedFolders>
	readRow: ReadRow
}

/** Looking reads every module, and matters only on file systems of other machines. */
const LOOK_MS = 30_000
/** Watching goes after folders that are made meanwhile; then the next hint does. */
const MAX_ROUNDS = 5

export type ListWatch = ReturnType<typeof createListWatch>

/** Follows the library's list. Only rows in whose folders something may have happened are read again. */
export function createListWatch(options: ListWatchOptions) {
	const { libraryFolder, dataFolder, readRemembered, listFolders, readRow, times, ...settings } = options
	let rows = new Map<string, LibraryModule>()
	/** Folders in which something may have happened since the last reading. */
	let hinted = new Set<string>()
	/** What was remembered at the last reading, where that was all that the data folder could change. */
	let remembered: { value: unknown } | undefined
	/** Which modules each watched folder belongs to. */
	let owners = new Map<string, string[]>()
	const watched = new Map<string, string[]>()
	const stale = new Set<string>()

	/** True when something is watched that was not: what was listed and is to be watched may be another by now. */
	const watchListed = async ({ modules, others }: ListedFolders, folders: FolderWatch): Promise<boolean> => {
		const places = [...new Set([await nearestFolder(libraryFolder), ...others])]
		const known = new Set(modules.map(({ folder }) => folder))
		for (const folder of watched.keys()) if (!known.has(folder)) watched.delete(folder)
		const changed = modules.filter(({ folder }) => stale.has(folder) || !watched.has(folder))
		await readEach(changed, async (one) => watched.set(one.folder, await placesOf(one)))
		owners = new Map()
		for (const [module, all] of watched) for (const at of all) owners.set(at, [...(owners.get(at) ?? []), module])
		if (places.includes(dataFolder) || owners.has(dataFolder)) remembered = undefined
		return folders.set([...new Set([dataFolder, ...places, ...owners.keys()])])
	}

	/** What is there, all of it watched already, so that no change falls between watching and reading. */
	const list = async ({ folders, hint, isLook }: { folders: FolderWatch; hint(): void; isLook: boolean }) => {
		for (let round = 0; ; round++) {
			const listed = await listFolders()
			for (const { folder } of listed.modules) if (isLook || !rows.has(folder)) stale.add(folder)
			if (!(await watchListed(listed, folders))) return listed.modules
			if (round < MAX_ROUNDS) continue
			hint()
			return listed.modules
		}
	}

	/** The database was written, by a run for example, and not what it remembers of modules. */
	const isAllTheSame = () =>
		remembered !== undefined &&
		hinted.size > 0 &&
		[...hinted].every((folder) => folder === dataFolder) &&
		isDeepStrictEqual(remembered.value, readRemembered())

	const read = async (at: { folders: FolderWatch; hint(): void; isLook: boolean }): Promise<LibraryModule[]> => {
		const isSame = !at.isLook && isAllTheSame()
		hinted = new Set()
		if (isSame) return sortRows([...rows.values()])
		remembered = { value: readRemembered() }
		try {
			return await readAll(at)
		} catch (error) {
			remembered = undefined
			throw error
		}
	}
	const readAll = async (at: { folders: FolderWatch; hint(): void; isLook: boolean }): Promise<LibraryModule[]> => {
		const modules = await list(at)
		const again = modules.filter(({ folder }) => stale.has(folder))
		for (const { folder } of again) stale.delete(folder)
		const fresh = new Map((await readEach(again, readRow)).map((row) => [row.folder, row]))
		const all = modules.map((one) => {
			const row = fresh.get(one.folder) ?? rows.get(one.folder)
			return row && { ...row, ...one }
		})
		rows = new Map(all.filter((row) => row !== undefined).map((row) => [row.folder, row]))
		return sortRows([...rows.values()])
	}

	return createFollowed<LibraryModule[], ListChange>(
		{
			read,
			hinted(folder) {
				hinted.add(folder)
				for (const module of owners.get(folder) ?? []) stale.add(module)
			},
			snapshot: (modules, seq) => ({ type: "snapshot", seq, folder: libraryFolder, modules }),
			change(before, after, seq) {
				const known = new Map(before.map((row) => [row.folder, row]))
				const present = new Set(after.map(({ folder }) => folder))
				const modules = after.filter((row) => !isDeepStrictEqual(row, known.get(row.folder)))
				const removed = [...known.keys()].filter((folder) => !present.has(folder))
				return modules.length + removed.length === 0 ? undefined : { type: "changed", seq, modules, removed }
			},
			unreadable: (failure, seq) => ({ type: "unreadable", seq, failure }),
		},
		{ name: libraryFolder, times: { lookMs: LOOK_MS, ...times }, ...settings },
	)
}

/** One from elsewhere that is gone may come back: something around it tells. */
async function placesOf({ folder, isOwn }: ListedFolder): Promise<string[]> {
	const nearest = isOwn ? folder : await nearestFolder(folder)
	return nearest === folder ? foldersOf(folder) : [nearest]
}

/** It, or the first folder around it that is there. */
async function nearestFolder(folder: string): Promise<string> {
	for (let at = folder; ; at = dirname(at)) {
		const found = await lstat(at).catch((error) => {
			if (codeOf(error) === "") throw error
		})
		if (found?.isDirectory() || dirname(at) === at) return at
	}
}
