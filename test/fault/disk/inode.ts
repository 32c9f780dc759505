/** Everything of a file, folder or link but its content and its names. */
export interface Meta {
	mode: number
	uid: number
	gid: number
	atimeNs: bigint
	mtimeNs: bigint
	ctimeNs: bigint
	/** Stands for extended attributes and ACLs. */
	attributes?: string
}

/** First what is surely on the disk, last what programs see; a crash may leave any of them, or a mixture. */
export type History<T> = readonly [T, ...T[]]

export interface FileInode {
	kind: "file"
	meta: History<Meta>
	data: History<Uint8Array>
}

export interface FolderInode {
	kind: "folder"
	meta: History<Meta>
	/** Inode numbers by name; undefined means that there is no such name. */
	names: ReadonlyMap<string, History<number | undefined>>
}

export interface LinkInode {
	kind: "link"
	meta: History<Meta>
	target: string
}

/** Never changed, only replaced: so a copy of the map is a picture of the whole disk. */
export type Inode = FileInode | FolderInode | LinkInode
export type Inodes = ReadonlyMap<number, Inode>

export const ROOT = 1

export function last<T>(history: History<T>): T {
	return history[history.length - 1] as T
}

export function push<T>(history: History<T>, value: T): History<T> {
	return [...history, value]
}

/** All that was written is on the disk now. */
export function synced(inode: Inode): Inode {
	const meta: History<Meta> = [last(inode.meta)]
	if (inode.kind === "file") return { ...inode, meta, data: [last(inode.data)] }
	if (inode.kind === "link") return { ...inode, meta }
	const names = new Map<string, History<number | undefined>>()
	for (const [name, history] of inode.names) if (last(history) !== undefined) names.set(name, [last(history)])
	return { ...inode, meta, names }
}

/** What can still be reached by a name, in any version of it. */
export function reachable(inodes: Inodes, isOpen: Iterable<number> = []): Map<number, Inode> {
	const found = new Map<number, Inode>()
	const visit = (number: number) => {
		const inode = inodes.get(number)
		if (!inode || found.has(number)) return
		found.set(number, inode)
		if (inode.kind !== "folder") return
		for (const history of inode.names.values()) for (const value of history) if (value !== undefined) visit(value)
	}
	visit(ROOT)
	for (const number of isOpen) visit(number)
	return found
}
