import type { Host, OpenFile } from "../host.ts"
import { withFile } from "./content.ts"
import { because, unlessAbsent } from "./disk-error.ts"

/** For a journal's record, or the names and folders that a way back makes again. */
export const SMALL_ROOM = 128 << 10
/** Zeros written at once. */
const PIECE = 1 << 20

/**
 * Room on the state folder's disk, kept as a file of zeros while a pool may have to go back: a closure can fill the disk,
 * and then the journal and the restore need what nobody else can have taken. Bytes, wherever a size is meant.
 */
export interface Reserve {
	/** Makes it so large at least, and safe on disk. Rejects when there is no room; what could be had stays. */
	keep(size: number): Promise<void>
	/** Gives room back to the disk, down to `leaving`; false when there was nothing left to give. */
	give(size: number, leaving?: number): Promise<boolean>
	remove(): Promise<void>
}

export function createReserve(host: Host, runFolder: string): Reserve {
	const path = `${runFolder}/reserve`
	const sizeNow = async () => (await host.disk.lstat(path))?.size
	return {
		async keep(size) {
			const before = await sizeNow()
			if (before !== undefined && before >= size) return
			const opening = host.disk.open(path, before === undefined ? "create" : "write", 0o600)
			await withFile(opening, (file) => writeZeros(file, before ?? 0, size)).catch((error: unknown) => {
				throw because("keep room for the way back", error)
			})
		},
		async give(size, leaving = 0) {
			const before = (await sizeNow()) ?? 0
			if (before <= leaving) return false
			await withFile(host.disk.open(path, "write"), async (file) => {
				await file.truncate(Math.max(leaving, before - size))
				await file.sync()
			})
			return true
		},
		remove: () => unlessAbsent(host.disk.remove(path)),
	}
}

/** Makes a file longer, with zeros that are safe on disk; it is as it was when there is no room for all of them. */
export async function lengthen(file: OpenFile, from: number, to: number): Promise<void> {
	try {
		await writeZeros(file, from, to)
	} catch (error) {
		await file.truncate(from)
		throw error
	}
}

async function writeZeros(file: OpenFile, from: number, to: number): Promise<void> {
	if (from >= to) return
	for (let at = from; at < to; at += PIECE) await file.write(new Uint8Array(Math.min(PIECE, to - at)), at)
	await file.sync()
}
