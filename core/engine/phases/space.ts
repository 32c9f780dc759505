import type { Destination } from "../change.ts"
import { folderOf } from "../disk/path.ts"
import type { Host } from "../host.ts"
import type { Layout } from "../layout.ts"

/** For journal, events, manifests and what a file system adds to every file. */
const MARGIN_BYTES = 1 << 20
const BLOCK = 4096

/** For the journal, and for what a way back makes again, however full a closure has made the disk. */
const RESERVE_BYTES = 1 << 20

/** Room on one file system: what is needed there at the same time, and what is there. */
export interface Space {
	folder: string
	neededBytes: number
	neededFiles: number
	freeBytes: number
	freeFiles: number | undefined
}

/**
 * Per file system: backups of what is there in the state folder, and every new file beside its destination. `modify`: the
 * changed files of a rehearsal besides.
 */
export async function findSpace(
	host: Host,
	layout: Layout,
	destinations: Destination[],
	modify = false,
): Promise<Space[]> {
	const spaces = new Map<bigint, Space>()
	const add = async (folder: string, bytes: number, files: number) => {
		const existing = await nearestFolder(host, folder)
		const device = (await host.disk.lstat(existing))?.device ?? 0n
		const space = spaces.get(device) ?? {
			folder: existing,
			neededBytes: 0,
			neededFiles: 0,
			...(await host.disk.room(existing)),
		}
		spaces.set(device, space)
		space.neededBytes += bytes
		space.neededFiles += files
	}
	await add(layout.root, MARGIN_BYTES + (await findReserve(host, layout, destinations)), 16)
	for (const { path, makes, sizeNow, wanted } of destinations) {
		const size = sizeOf(wanted)
		if (sizeNow !== undefined) await add(layout.root, onDisk(sizeNow), 1)
		if (sizeNow !== undefined && modify) await add(layout.root, onDisk(sizeNow + 2), 1)
		const aside = modify && sizeNow !== undefined ? Math.max(size, sizeNow + 2) : size
		await add(folderOf(path), onDisk(aside) + makes.length * BLOCK, 1 + makes.length)
	}
	return [...spaces.values()]
}

/**
 * Bytes that are kept in the state folder until a pool can no longer go back: the journal's, and those by which old files
 * on the same file system are larger than the new ones, which can be written over else.
 */
export async function findReserve(host: Host, layout: Layout, destinations: Destination[]): Promise<number> {
	const device = (await host.disk.lstat(layout.root))?.device
	let bytes = RESERVE_BYTES
	for (const { path, sizeNow = 0, wanted } of destinations) {
		const growth = onDisk(sizeNow) - onDisk(sizeOf(wanted))
		if (growth <= 0) continue
		const folder = await nearestFolder(host, folderOf(path))
		if ((await host.disk.lstat(folder))?.device === device) bytes += growth
	}
	return bytes
}

function sizeOf(wanted: Destination["wanted"]): number {
	if (wanted.kind === "absent") return 0
	return wanted.kind === "content" ? wanted.size : wanted.snapshot.size
}

export function spaceFaults(spaces: Space[]): string[] {
	return spaces.flatMap(({ folder, neededBytes, neededFiles, freeBytes, freeFiles }) => {
		if (neededBytes > freeBytes)
			return [`${neededBytes} bytes are needed on the disk of ${folder}, ${freeBytes} are free`]
		if (freeFiles !== undefined && neededFiles > freeFiles) {
			return [`room for ${neededFiles} more files is needed on the disk of ${folder}, there is room for ${freeFiles}`]
		}
		return []
	})
}

function onDisk(size: number): number {
	return Math.ceil(size / BLOCK) * BLOCK
}

async function nearestFolder(host: Host, path: string): Promise<string> {
	for (let folder = path; ; folder = folderOf(folder)) {
		if (folder === "/" || (await host.disk.lstat(folder))) return folder
	}
}
