import { type History, type Inode, type Inodes, last, reachable } from "./inode.ts"

/** One thing that a crash may take back alone: a file's bytes, what else a file or folder has, or one name. */
export interface Cell {
	id: string
	kind: "data" | "meta" | "name"
}

/** What of a cell's versions, the first of them surely on the disk, is there after the crash. */
export type Choice = <T>(cell: Cell, versions: History<T>, torn: (how: Torn) => T) => T

/** Ways in which only a part of a file's changed bytes came to the disk. */
export type Torn = "half" | "zeros" | "later half" | "new size, old bytes"

/** After a crash nothing is unsafe any more: every cell has one version, and what has no name is gone. */
export function crash(inodes: Inodes, choose: Choice): Inodes {
	const left = new Map<number, Inode>()
	for (const [number, inode] of inodes) left.set(number, isSynced(inode) ? inode : collapse(number, inode, choose))
	return reachable(left)
}

/**
 * The process is gone, the system lives on: nothing is lost yet, and nothing is any safer. Of what is not, the first and
 * the last version are kept; what stood in between is tried by crashes before.
 */
export function kill(inodes: Inodes): Inodes {
	const left = new Map<number, Inode>()
	for (const [number, inode] of inodes) left.set(number, isSynced(inode) ? inode : shorten(inode))
	return reachable(left)
}

function shorten(inode: Inode): Inode {
	const meta = ends(inode.meta)
	if (inode.kind === "link") return { ...inode, meta }
	if (inode.kind === "file") return { ...inode, meta, data: ends(inode.data) }
	const names = new Map<string, History<number | undefined>>()
	for (const [name, history] of inode.names) {
		const short = ends(history)
		if (short.length > 1 || short[0] !== undefined) names.set(name, short)
	}
	return { ...inode, meta, names }
}

function ends<T>(history: History<T>): History<T> {
	return history[0] === last(history) ? [history[0]] : [history[0], last(history)]
}

const settled = new WeakMap<Inode, boolean>()

function isSynced(inode: Inode): boolean {
	const known = settled.get(inode)
	if (known !== undefined) return known
	const isSettled =
		inode.meta.length === 1 &&
		(inode.kind !== "file" || inode.data.length === 1) &&
		(inode.kind !== "folder" || [...inode.names.values()].every((history) => history.length === 1))
	settled.set(inode, isSettled)
	return isSettled
}

function collapse(number: number, inode: Inode, choose: Choice): Inode {
	const pick = <T>(cell: Cell, versions: History<T>): T =>
		versions.length === 1 ? versions[0] : choose(cell, versions, () => last(versions))
	const meta = [pick({ id: `meta ${number}`, kind: "meta" }, inode.meta)] as const
	if (inode.kind === "link") return { ...inode, meta }
	if (inode.kind === "file") {
		const { data } = inode
		if (data.length === 1) return { ...inode, meta }
		const bytes = choose({ id: `data ${number}`, kind: "data" }, data, (how) => tear(data[0], last(data), how))
		return { ...inode, meta, data: [bytes] }
	}
	const names = new Map<string, History<number | undefined>>()
	for (const [name, history] of inode.names) {
		const value = pick({ id: `name ${number}/${name}`, kind: "name" }, history)
		if (value !== undefined) names.set(name, [value])
	}
	return { ...inode, meta, names }
}

/** A mixture of what is surely there and what was written last. */
function tear(before: Uint8Array, after: Uint8Array, how: Torn): Uint8Array {
	let from = 0
	while (from < Math.min(before.length, after.length) && before[from] === after[from]) from++
	const middle = from + Math.ceil((after.length - from) / 2)
	if (how === "half") {
		const bytes = new Uint8Array(Math.max(middle, Math.min(before.length, after.length)))
		bytes.set(before.subarray(0, bytes.length))
		bytes.set(after.subarray(0, middle))
		return bytes
	}
	const bytes = after.slice()
	if (how === "zeros") bytes.fill(0, from)
	if (how === "later half") bytes.fill(0, from, middle)
	if (how === "new size, old bytes") {
		bytes.fill(0, from)
		bytes.set(before.subarray(0, bytes.length))
	}
	return bytes
}

const newest: Choice = (_, versions) => last(versions)
const oldest: Choice = (_, versions) => versions[0]

function torn(how: Torn): Choice {
	return (cell, versions, tear) => (cell.kind === "data" ? tear(how) : last(versions))
}

/** What becomes of everything that was not synced. */
export const powerCuts = {
	"all lost": oldest,
	"all kept": newest,
	"names kept, content lost": (cell, versions) => (cell.kind === "name" ? last(versions) : versions[0]),
	"content kept, names lost": (cell, versions) => (cell.kind === "name" ? versions[0] : last(versions)),
	"bytes kept, the rest lost": (cell, versions) => (cell.kind === "data" ? last(versions) : versions[0]),
	"bytes lost, the rest kept": (cell, versions) => (cell.kind === "data" ? versions[0] : last(versions)),
	"content half written": torn("half"),
	"content full of zeros": torn("zeros"),
	"content without its first half": torn("later half"),
	"content of the new size with old bytes": torn("new size, old bytes"),
} satisfies Record<string, Choice>

/** Each unsynced change alone lost, and each alone kept, in every version it had. */
export function singleChanges(inodes: Inodes): [string, Choice][] {
	return pendingCells(inodes).flatMap(({ id, versions }) => {
		const choices: [string, Choice][] = []
		for (let version = 0; version < versions; version++) {
			const only = <T>(cell: Cell, history: History<T>, others: T): T =>
				cell.id === id ? (history[version] as T) : others
			if (version < versions - 1)
				choices.push([`version ${version} of ${id}, all else kept`, (cell, all) => only(cell, all, last(all))])
			if (version > 0)
				choices.push([`version ${version} of ${id}, all else lost`, (cell, all) => only(cell, all, all[0])])
		}
		return choices
	})
}

function pendingCells(inodes: Inodes): { id: string; versions: number }[] {
	const cells: { id: string; versions: number }[] = []
	for (const [number, inode] of inodes) {
		if (isSynced(inode)) continue
		cells.push({ id: `meta ${number}`, versions: inode.meta.length })
		if (inode.kind === "file") cells.push({ id: `data ${number}`, versions: inode.data.length })
		if (inode.kind !== "folder") continue
		for (const [name, history] of inode.names) {
			cells.push({ id: `name ${number}/${name}`, versions: history.length })
		}
	}
	return cells.filter(({ versions }) => versions > 1)
}
