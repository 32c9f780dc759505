import { type Command, passesOnModel } from "./command.ts"
import { isPlanted } from "./planted.ts"
import {
	folderOf,
	hasSeveralNames,
	isEmpty,
	isFolder,
	join,
	type ModelFile,
	nameAt,
	nameOf,
	type Owner,
	realPath,
	type Tree,
} from "./tree.ts"

/** A file as it was or shall be; undefined where there is none. */
export type Snapshot = ModelFile | undefined

/** What a destination shall become: content of a module, or a state it was in before. */
export type Wanted =
	| { content: string; mode: number; permissions: { mode?: number; uid?: number; gid?: number } }
	| { snapshot: Snapshot }

export interface Change {
	destination: string
	wanted: Wanted
	isReturn?: boolean
}

export interface Place {
	/** The file that is written: the destination without links. */
	path: string
	link?: { path: string; target: string }
	/** Folders to be made, outermost first. */
	makes: string[]
}

export interface Entry extends Place {
	destination: string
	before: Snapshot
	/** The file itself, where it has several names and is written in place. */
	inPlace?: ModelFile
	after: Snapshot
	/** New content that is there already is not written: its time stays. */
	isAlready: boolean
	isReturn: boolean
}

export interface Backup {
	entries: Entry[]
	makes: string[]
	folders: Map<string, { mode: number } & Owner>
}

/** Where a destination really is; undefined when nothing can be written there. */
export function findPlace(tree: Tree, destination: string): Place | undefined {
	const name = nameAt(tree, destination)
	if (name !== undefined) {
		const node = tree.get(name)
		if (!node || node.kind === "file") return { path: name, makes: [] }
		if (node.kind === "folder") return undefined
		const real = realPath(tree, destination)
		if (real === undefined || tree.get(real)?.kind !== "file") return undefined
		return { path: real, link: { path: name, target: node.target }, makes: [] }
	}
	const above = folderOf(destination)
	const isThere = above === "/" || tree.has(nameAt(tree, above) ?? "")
	if (isThere) return undefined
	const outer = findPlace(tree, above)
	if (!outer || outer.link) return undefined
	return { path: join(outer.path, nameOf(destination)), makes: [...outer.makes, outer.path] }
}

/** Undefined when preflight finds a fault. */
export function makeBackup(tree: Tree, changes: Change[], self: Owner): Backup | undefined {
	const entries: Entry[] = []
	for (const { destination, wanted, isReturn = false } of changes) {
		const place = findPlace(tree, destination)
		if (!place || isPlanted(tree, destination, place.path, self)) return undefined
		const node = tree.get(place.path)
		const file = node?.kind === "file" ? node : undefined
		const before = file && { ...file }
		const inPlace = file && hasSeveralNames(tree, file) ? { inPlace: file } : {}
		const after = resultOf(wanted, before, self)
		const isAlready = "content" in wanted && isSame(before, after)
		entries.push({ ...place, destination, before, ...inPlace, after, isAlready, isReturn })
	}
	const makes = [...new Set(entries.flatMap((entry) => entry.makes))].sort()
	const paths = new Set(entries.map(({ path }) => path))
	if (paths.size < entries.length || makes.some((folder) => paths.has(folder))) return undefined
	const folders: Backup["folders"] = new Map()
	for (const { path, link } of entries) {
		for (const name of link ? [path, link.path] : [path]) {
			for (let folder = folderOf(name); folder !== "/"; folder = folderOf(folder)) {
				const node = tree.get(folder)
				if (node?.kind === "folder") folders.set(folder, { mode: node.mode, uid: node.uid, gid: node.gid })
			}
		}
	}
	return { entries, makes, folders }
}

/** An existing destination keeps its owner and mode, a new one has the source's mode; `permissions` override. */
function resultOf(wanted: Wanted, before: Snapshot, self: Owner): Snapshot {
	if ("snapshot" in wanted) return wanted.snapshot && { ...wanted.snapshot }
	const { mode, uid, gid } = before ?? { mode: wanted.mode, ...self }
	return { kind: "file", content: wanted.content, mode, uid, gid, ...wanted.permissions, mtimeNs: undefined }
}

export function apply(tree: Tree, { entries, makes }: Backup, unmakes: string[], self: Owner): void {
	for (const folder of makes) tree.set(folder, { kind: "folder", mode: 0o755, ...self })
	for (const { path, after, isAlready, inPlace } of entries) {
		if (!after) tree.delete(path)
		else if (!isAlready) put(tree, path, after, inPlace)
	}
	unmake(tree, unmakes)
}

/** But for the time. */
export function isSame(a: Snapshot, b: Snapshot): boolean {
	return a?.content === b?.content && a?.mode === b?.mode && a?.uid === b?.uid && a?.gid === b?.gid
}

function put(tree: Tree, path: string, file: ModelFile, inPlace?: ModelFile): void {
	if (inPlace && tree.get(path) === inPlace) Object.assign(inPlace, { mtimeNs: undefined }, file)
	else tree.set(path, { ...file })
}

function unmake(tree: Tree, folders: string[]): void {
	for (const folder of [...folders].sort().reverse()) {
		if (isFolder(tree, folder) && isEmpty(tree, folder)) tree.delete(folder)
	}
}

/** Everything as it was: bytes, mode, owner, time, existence, links, made folders. */
export function restore(tree: Tree, { entries, makes, folders }: Backup): void {
	for (const [path, owned] of [...folders].sort(([a], [b]) => (a < b ? -1 : 1))) {
		tree.set(path, { kind: "folder", ...owned })
	}
	for (const { path, before, inPlace, link } of entries) {
		if (before) put(tree, path, before, inPlace)
		else tree.delete(path)
		if (link) tree.set(link.path, { kind: "link", target: link.target })
	}
	unmake(tree, makes)
}

export interface Transaction {
	changes: Change[]
	unmakes: string[]
	checks: Command[]
	closure: Command[]
	isRehearsal: boolean
}

/** One pool as the specification tells it. `backup` is what was taken, if it came to that. */
export function runTransaction(
	tree: Tree,
	{ changes, unmakes, checks, closure, isRehearsal }: Transaction,
	self: Owner,
): { outcome: "applied" | "failed" | "degraded"; backup?: Backup } {
	const backup = makeBackup(tree, changes, self)
	if (!backup || !passesOnModel(tree, checks, self)) return { outcome: "failed" }
	apply(tree, backup, unmakes, self)
	const passes = passesOnModel(tree, closure, self) && passesOnModel(tree, checks, self)
	if (passes && !isRehearsal) return { outcome: "applied", backup }
	restore(tree, backup)
	const isBack = passesOnModel(tree, closure, self)
	return { outcome: isBack ? (passes ? "applied" : "failed") : "degraded", backup }
}
