import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { FailureError } from "../../../schema/failure.ts"
import type { LibraryOpened, ModuleChange } from "../../../schema/library.ts"
import { codeOf } from "../files/disk-failure.ts"
import { findRepository } from "../git/repository.ts"
import { changeBetween } from "./change-between.ts"
import { createFollowed, type WatchSettings } from "./followed.ts"

export interface WatchOptions extends Omit<WatchSettings, "name"> {
	read(): Promise<LibraryOpened>
	folder: string
}

export type ModuleWatch = ReturnType<typeof createModuleWatch>

/** Follows one module folder. */
export function createModuleWatch({ read, folder, ...settings }: WatchOptions) {
	/** Works of this program that write in the folder just now. */
	let writing = 0
	const followed = createFollowed<LibraryOpened, ModuleChange>(
		{
			async read({ folders, hint }) {
				// Before the reading, so that no change falls between the two.
				if (folders.set(await foldersOf(folder))) hint()
				return read()
			},
			snapshot: (module, seq) => ({ type: "snapshot", seq, module }),
			change(before, after, seq, own) {
				const change = changeBetween(before, after)
				return change && { type: "changed", seq, own: own || writing > 0, ...change }
			},
			unreadable: (failure, seq) => ({ type: "unreadable", seq, failure }),
		},
		{ name: folder, ...settings },
	)

	/**
	 * Before this program writes in the folder: what was not told yet is somebody else's, what comes then is ours, whatever
	 * hint makes it seen. Call what it resolves to when all is written.
	 */
	const beginWriting = async (): Promise<() => void> => {
		await followed.scan()
		writing++
		return () => void followed.scan(true).finally(() => writing--)
	}

	return { ...followed, beginWriting }
}

/** Where changes of the module or of its standing show: its folders, and those of git with branch and tags. */
export async function foldersOf(folder: string): Promise<string[]> {
	const all = [folder]
	const open = [join(folder, "src")]
	for (let at = open.pop(); at !== undefined; at = open.pop()) {
		const entries = await readdir(at, { withFileTypes: true }).catch((error) => {
			if (codeOf(error) !== "") return undefined
			throw error
		})
		if (!entries) continue
		all.push(at)
		for (const entry of entries) if (entry.isDirectory()) open.push(join(at, entry.name))
	}
	const repository = await findRepository(folder).catch((error) => {
		if (error instanceof FailureError) return undefined
		throw error
	})
	if (repository)
		all.push(repository.gitDir, ...["refs/heads", "refs/tags"].map((path) => join(repository.commonDir, path)))
	return all
}
