import { isFull } from "../disk/disk-error.ts"
import { removeIn } from "../disk/held-folder.ts"
import { type Reserve, SMALL_ROOM } from "../disk/reserve.ts"
import type { Host } from "../host.ts"
import type { Layout } from "../layout.ts"
import { type Placement, putInPlace, stage, syncStaged, writeOver } from "./place-file.ts"
import { setStagedTimes } from "./staged-times.ts"

/** A disk that is full now would stop folders and names from being made again. */
export async function makeRoom(host: Host, layout: Layout, reserve: Reserve): Promise<void> {
	const { freeBytes } = await host.disk.room(layout.root)
	if (freeBytes < SMALL_ROOM) await reserve.give(SMALL_ROOM, SMALL_ROOM)
}

/**
 * A file for which the disk had no room beside all the others: by itself, with what they have set free and with the
 * reserve; where that is not enough, over the file that is there. The last of the reserve is the journal's.
 */
export async function restoreCramped(host: Host, reserve: Reserve, file: Placement): Promise<void> {
	const size = (await host.disk.lstat(file.from))?.size ?? 0
	await reserve.give(size + SMALL_ROOM, SMALL_ROOM)
	try {
		await stage(host, file)
		await setStagedTimes(host, [file])
		await syncStaged(host, file)
		await putInPlace(host, file)
	} catch (error) {
		if (!isFull(error)) throw error
		await removeIn(host, file.temp)
		await writeOver(host, file)
	}
}
