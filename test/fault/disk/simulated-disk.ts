import type { Disk, FileStat, OpenFile, OpenHow } from "../../../core/engine/host.ts"
import { type FileInode, type FolderInode, type Inode, type Inodes, last, type Meta, push, synced } from "./inode.ts"
import { systemError, Tree } from "./tree.ts"

/** A sync that a program asks for, before it is done. */
export interface Sync {
	kind: "file" | "folder"
	/** Without links and descriptors. */
	path: string
	/** Of a folder: names whose change it makes safe, with what has the name by now. */
	names: { name: string; kind: Inode["kind"] | undefined }[]
	/** Of a file: what is in it. */
	content: Uint8Array
}

export interface DiskOptions {
	/** Nanoseconds since 1970. */
	now(): bigint
	pid: number
	/** Whether files can share blocks. */
	clones?: boolean
	/** Called before each single change of the disk, syncs included. */
	beforeChange?(): void
	/** A sync that is told to be done, and is not. */
	ignores?(sync: Sync): boolean
}

export interface SimulatedDisk extends Disk {
	/** What is on the disk and what is not yet: a picture that does not change any more. */
	inodes(): Inodes
	/** Makes all of it safe. */
	syncAll(): void
	/** Stands for a tool that sets extended attributes. */
	setAttributes(path: string, attributes: string | undefined): void
	attributesOf(path: string): string | undefined
	setOwner(path: string, uid: number, gid: number): void
	setMode(path: string, mode: number): void
}

interface Descriptor {
	number: number
	how: OpenHow
}

/** A disk in memory that knows what a crash may leave of it. Root's: it refuses nothing for want of permission. */
export function createSimulatedDisk(inodes: Inodes, options: DiskOptions): SimulatedDisk {
	const { now, pid, ignores = () => false } = options
	const opened = new Map<string, Descriptor>()
	const prefix = `/proc/${pid}/fd/`
	const beforeChange = () => options.beforeChange?.()
	const tree = new Tree(inodes, beforeChange, now, { prefix, numberOf: (fd) => opened.get(fd)?.number })
	const newMeta = (mode: number): Meta => ({ mode, uid: 0, gid: 0, atimeNs: now(), mtimeNs: now(), ctimeNs: now() })

	const makeFile = (path: string, mode: number): number => {
		const { folder, name } = tree.free(path)
		const number = tree.add({ kind: "file", meta: [newMeta(mode)], data: [new Uint8Array()] })
		tree.setName(folder, name, number)
		return number
	}
	const setData = (number: number, data: Uint8Array) => {
		const inode = tree.get(number) as FileInode
		const meta = tree.changed(inode, { mtimeNs: now() })
		tree.set(number, { ...inode, meta, data: push(inode.data, data) })
	}
	const sync = (number: number) => {
		const inode = tree.get(number)
		// What has no name any more is of no use to anybody.
		const path = tree.pathOf(number)
		if (path !== undefined && ignores(describeSync(tree, inode, path))) return
		tree.set(number, synced(inode))
	}
	const stat = (number: number): FileStat => {
		const inode = tree.get(number)
		const { attributes: _, ...meta } = last(inode.meta)
		const size = inode.kind === "file" ? last(inode.data).length : 0
		return { kind: inode.kind, device: 1n, inode: BigInt(number), links: tree.links(number), size, ...meta }
	}
	const removeName = (folder: number, name: string, number: number) => {
		tree.setName(folder, name, undefined)
		const inode = tree.get(number)
		if (inode.kind === "file" && tree.links(number) > 0)
			tree.inodes.set(number, { ...inode, meta: tree.changed(inode) })
	}
	const removeAll = (folder: number, name: string, number: number) => {
		if (tree.get(number).kind === "folder") {
			for (const inside of tree.namesIn(number)) removeAll(number, inside, tree.nameIn(number, inside) as number)
		}
		removeName(folder, name, number)
	}
	const unlessAbsent = <T>(step: () => T): T | undefined => {
		try {
			return step()
		} catch (error) {
			const { code } = error as { code?: unknown }
			if (code === "ENOENT" || code === "ENOTDIR") return undefined
			throw error
		}
	}

	return {
		inodes: () => new Map(tree.inodes),
		syncAll: () => {
			for (const [number, inode] of tree.inodes) tree.inodes.set(number, synced(inode))
		},
		setAttributes: (path, attributes) => tree.setMeta(tree.must(path, true), { attributes }),
		attributesOf: (path) => last(tree.get(tree.must(path, true)).meta).attributes,
		setOwner: (path, uid, gid) => tree.setMeta(tree.must(path, true), { uid, gid }),
		setMode: (path, mode) => tree.setMeta(tree.must(path, true), { mode }),

		async open(path, how, mode = 0o600) {
			const number = openNumber(tree, path, how, () => makeFile(path, mode))
			let descriptor = 3
			while (opened.has(String(descriptor))) descriptor++
			const key = String(descriptor)
			opened.set(key, { number, how })
			return openFile(`${prefix}${key}`, { tree, opened, key, setData, sync, stat })
		},
		lstat: async (path) => {
			const number = unlessAbsent(() => tree.find(path, false).number)
			return number === undefined ? undefined : stat(number)
		},
		readLink: async (path) => {
			const held = isHeldItself(path, prefix) ? tree.must(path, false) : undefined
			if (held !== undefined) return tree.pathOf(held) ?? `${path} (deleted)`
			const inode = tree.get(tree.must(path, false))
			if (inode.kind !== "link") throw systemError("EINVAL", path)
			return inode.target
		},
		realPath: async (path) => {
			const { folder, name, number } = tree.find(path, true)
			if (number === undefined) throw systemError("ENOENT", path)
			// A file may have several names: the one that it was found by.
			const above = name === "" ? tree.pathOf(number) : tree.pathOf(folder)
			if (above === undefined) throw systemError("ENOENT", path)
			return name === "" ? above : above === "/" ? `/${name}` : `${above}/${name}`
		},
		readFolder: async (path) =>
			unlessAbsent(() => {
				const number = tree.must(path, true)
				if (tree.get(number).kind !== "folder") throw systemError("ENOTDIR", path)
				return tree.namesIn(number)
			}),
		async makeFolder(path, mode, owner) {
			const { folder, name } = tree.free(path)
			const number = tree.add({ kind: "folder", meta: [newMeta(owner ? 0o700 : mode)], names: new Map() })
			tree.setName(folder, name, number)
			if (owner) tree.setMeta(number, { ...owner, mode })
		},
		async removeFolder(path) {
			const { folder, name, number } = tree.find(path, false)
			if (number === undefined) throw systemError("ENOENT", path)
			if (tree.get(number).kind !== "folder") throw systemError("ENOTDIR", path)
			if (tree.namesIn(number).length > 0) throw systemError("ENOTEMPTY", path)
			removeName(folder, name, number)
		},
		async removeTree(path) {
			const place = unlessAbsent(() => tree.find(path, false))
			if (place?.number !== undefined) removeAll(place.folder, place.name, place.number)
		},
		rename: async (from, to) => rename(tree, from, to),
		async link(from, to) {
			const number = tree.must(from, false)
			const { folder, name } = tree.free(to)
			if (tree.get(number).kind === "folder") throw systemError("EPERM", from)
			tree.setName(folder, name, number)
			tree.setMeta(number, {})
		},
		async makeLink(target, path) {
			const { folder, name } = tree.free(path)
			tree.setName(folder, name, tree.add({ kind: "link", meta: [newMeta(0o777)], target }))
		},
		async remove(path) {
			const { folder, name, number } = tree.find(path, false)
			if (number === undefined) throw systemError("ENOENT", path)
			if (tree.get(number).kind === "folder") throw systemError("EISDIR", path)
			removeName(folder, name, number)
		},
		async setTimes(times) {
			for (const { path, atimeNs, mtimeNs } of times) tree.setMeta(tree.must(path, false), { atimeNs, mtimeNs })
		},
		checkWritable: async (path) => void tree.must(path, true),
		async syncFolder(path) {
			const number = tree.must(path, true)
			if (tree.get(number).kind !== "folder") throw systemError("ENOTDIR", path)
			sync(number)
		},
		async clone(from, to) {
			const inode = tree.get(tree.must(from, true))
			tree.free(to)
			if (!options.clones || inode.kind !== "file") throw systemError("ENOTSUP", from)
			setData(makeFile(to, last(inode.meta).mode), last(inode.data))
		},
		room: async (path) => {
			tree.must(path, true)
			return { freeBytes: 1 << 30, freeFiles: undefined }
		},
	}
}

function fail(code: string, path: string): never {
	throw systemError(code, path)
}

function isHeldItself(path: string, prefix: string): boolean {
	return path.startsWith(prefix) && !path.slice(prefix.length).includes("/")
}

/** A link at the end is followed by `read` only, and never by `create`, which finds its name taken. */
function openNumber(tree: Tree, path: string, how: OpenHow, makeFile: () => number): number {
	if (how === "create") return makeFile()
	const place = tree.find(path, how === "read")
	if (place.number === undefined) return how === "append" ? makeFile() : fail("ENOENT", path)
	const { kind } = tree.get(place.number)
	if (how === "folder") return kind === "folder" ? place.number : fail("ENOTDIR", path)
	if (kind === "link") throw systemError("ELOOP", path)
	if (kind === "folder" && (how === "write" || how === "append")) throw systemError("EISDIR", path)
	return place.number
}

function rename(tree: Tree, from: string, to: string): void {
	const source = tree.find(from, false)
	const target = tree.find(to, false)
	if (source.number === undefined || tree.isGone(target.folder)) throw systemError("ENOENT", from)
	if (source.number === target.number) return
	const isFolder = tree.get(source.number).kind === "folder"
	if (target.number !== undefined) {
		const isOntoFolder = tree.get(target.number).kind === "folder"
		if (isOntoFolder && !isFolder) throw systemError("EISDIR", to)
		if (!isOntoFolder && isFolder) throw systemError("ENOTDIR", to)
		if (isOntoFolder && tree.namesIn(target.number).length > 0) throw systemError("ENOTEMPTY", to)
	}
	tree.setName(target.folder, target.name, source.number)
	// At once for every program; a crash may take back either side alone.
	const inode = tree.get(source.folder) as FolderInode
	const before = inode.names.get(source.name)
	if (before) {
		const names = new Map(inode.names).set(source.name, push(before, undefined))
		tree.inodes.set(source.folder, { ...inode, names })
	}
	const moved = tree.get(source.number)
	tree.inodes.set(source.number, { ...moved, meta: tree.changed(moved) })
}

interface Surroundings {
	tree: Tree
	opened: Map<string, Descriptor>
	key: string
	setData(number: number, data: Uint8Array): void
	sync(number: number): void
	stat(number: number): FileStat
}

function openFile(path: string, { tree, opened, key, setData, sync, stat }: Surroundings): OpenFile {
	/** Whether bytes may go this way, as the system tells. */
	const must = (...hows: OpenHow[]): number => {
		const descriptor = opened.get(key)
		if (!descriptor || (hows.length > 0 && !hows.includes(descriptor.how))) throw systemError("EBADF", path)
		return descriptor.number
	}
	const content = (number: number): Uint8Array => {
		const inode = tree.get(number)
		if (inode.kind !== "file") throw systemError("EISDIR", path)
		return last(inode.data)
	}
	return {
		path,
		read: async (into, position) => {
			const bytes = content(must("read", "readItself", "create", "write", "folder")).subarray(
				position,
				position + into.length,
			)
			into.set(bytes)
			return bytes.length
		},
		write: async (bytes, position) => {
			const number = must("create", "write", "append")
			const before = content(number)
			const at = opened.get(key)?.how === "append" ? before.length : position
			const end = at + bytes.length
			const data = end <= before.length ? before.slice() : new Uint8Array(end)
			if (end > before.length) data.set(before)
			data.set(bytes, at)
			setData(number, data)
		},
		truncate: async (size) => {
			const number = must("create", "write", "append")
			const data = new Uint8Array(size)
			data.set(content(number).subarray(0, size))
			setData(number, data)
		},
		setOwner: async (uid, gid) => {
			const { kind, meta } = tree.get(must())
			const { mode } = last(meta)
			// A new owner takes the set-user-id bit away, and the set-group-id bit where it means a program.
			const cleared = mode & 0o010 ? mode & ~0o6000 : mode & ~0o4000
			tree.setMeta(must(), { uid, gid, ...(kind === "file" ? { mode: cleared } : {}) })
		},
		setMode: async (mode) => tree.setMeta(must(), { mode }),
		sync: async () => sync(must()),
		stat: async () => stat(must()),
		close: async () => {
			must()
			opened.delete(key)
		},
	}
}

function describeSync(tree: Tree, inode: Inode, path: string): Sync {
	if (inode.kind === "file") return { kind: "file", path, names: [], content: last(inode.data) }
	const pending = inode.kind === "folder" ? [...inode.names].filter(([, history]) => history.length > 1) : []
	const names = pending.map(([name, history]) => {
		const number = last(history)
		return { name, kind: number === undefined ? undefined : tree.get(number).kind }
	})
	return { kind: "folder", path, names, content: new Uint8Array() }
}
