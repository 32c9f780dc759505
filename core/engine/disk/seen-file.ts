import type { FileStat, Host, OpenFile } from "../host.ts"
import { type Content, copyUnhashed, hashOpen, withFile } from "./content.ts"

/** Any change of a file's bytes gives it another `ctime`, and no program can set that one. */
export type SeenFile = Pick<FileStat, "device" | "inode" | "ctimeNs">

/** File systems stamp times with the last tick of a clock; two changes within one tick look alike. */
const TICK_MS = 1000

/** Whether the last change lies so far before `atMs` that any later one has another `ctime`. */
export function isSettled({ ctimeNs }: Pick<FileStat, "ctimeNs">, atMs: number): boolean {
	return Number(ctimeNs / 1_000_000n) < atMs - TICK_MS
}

/** Digest and size of a file, and which file that was; without the latter where a change could not be told from it. */
export async function hashSeen(host: Host, path: string): Promise<Content & { seen?: SeenFile }> {
	const now = host.clock.now()
	return withFile(host.disk.open(path, "read"), async (file) => {
		const before = await file.stat()
		const content = await hashOpen(host, file)
		const { device, inode, ctimeNs } = before
		return isSettled(before, now) && isSeen(before, await file.stat())
			? { ...content, seen: { device, inode, ctimeNs } }
			: content
	})
}

export function isSeen(seen: SeenFile | undefined, stat: SeenFile): boolean {
	return seen?.device === stat.device && seen.inode === stat.inode && seen.ctimeNs === stat.ctimeNs
}

/**
 * Whether nobody can have changed a file since it was `seen`. Trap: who has it mapped into memory may change its bytes and
 * leave `ctime` alone (always on tmpfs, for some seconds elsewhere), so that says something of our own files only.
 */
export function isUnchanged({ self }: Host, seen: SeenFile | undefined, stat: FileStat): boolean {
	return isSeen(seen, stat) && stat.uid === self.uid && (stat.mode & 0o022) === 0
}

/**
 * Copies a file whose digest was taken when it was `seen`, without taking it again: a large one takes longer to be hashed
 * than to be copied. The bytes copied; undefined when it is another file by now, or was changed meanwhile.
 */
export async function copySeen(host: Host, from: string, seen: SeenFile, to: OpenFile): Promise<number | undefined> {
	return withFile(host.disk.open(from, "read"), async (file) => {
		if (!isUnchanged(host, seen, await file.stat())) return undefined
		const size = await copyUnhashed(file, to)
		return isUnchanged(host, seen, await file.stat()) ? size : undefined
	})
}
