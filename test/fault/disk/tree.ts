import { type FolderInode, type History, type Inode, type Inodes, last, type Meta, push, ROOT } from "./inode.ts"

/** Links in a path that are followed; the system's own limit. */
const MAX_LINKS = 40

/** Where a path leads: the folder, the name in it, and what has that name. */
export interface Place {
	folder: number
	name: string
	number: number | undefined
}

/** An error as the system gives it. */
export function systemError(code: string, what: string): Error {
	const { stackTraceLimit } = Error
	// There are very many, and nobody reads where they come from.
	Error.stackTraceLimit = 0
	const error = Object.assign(new Error(`${code}: ${what}`), { code })
	Error.stackTraceLimit = stackTraceLimit
	return error
}

/** The folders and files as programs see them, and the only place where they are changed. */
export class Tree {
	readonly inodes: Map<number, Inode>
	/** Called before each single change. */
	readonly #beforeChange: () => void
	readonly #now: () => bigint
	/** Where a path that means an open file begins: `/proc/PID/fd/N`. */
	readonly #heldNumber: (descriptor: string) => number | undefined
	readonly #heldPrefix: string

	constructor(
		inodes: Inodes,
		beforeChange: () => void,
		now: () => bigint,
		held: { prefix: string; numberOf: (descriptor: string) => number | undefined },
	) {
		this.inodes = new Map(inodes)
		this.#beforeChange = beforeChange
		this.#now = now
		this.#heldNumber = held.numberOf
		this.#heldPrefix = held.prefix
	}

	get(number: number): Inode {
		const inode = this.inodes.get(number)
		if (!inode) throw new Error(`cannot happen: inode ${number} is gone`)
		return inode
	}

	set(number: number, inode: Inode): void {
		this.#beforeChange()
		this.inodes.set(number, inode)
	}

	/** The lowest free number, as file systems do: what is gone may come back as something else. */
	add(inode: Inode): number {
		let number = ROOT + 1
		while (this.inodes.has(number)) number++
		this.inodes.set(number, inode)
		return number
	}

	nameIn(folder: number, name: string): number | undefined {
		const history = (this.get(folder) as FolderInode).names.get(name)
		return history && last(history)
	}

	namesIn(folder: number): string[] {
		const { names } = this.get(folder) as FolderInode
		return [...names].flatMap(([name, history]) => (last(history) === undefined ? [] : [name])).sort()
	}

	setName(folder: number, name: string, number: number | undefined): void {
		const inode = this.get(folder) as FolderInode
		const before: History<number | undefined> = inode.names.get(name) ?? [undefined]
		this.set(folder, { ...inode, names: new Map(inode.names).set(name, push(before, number)) })
	}

	/** Any change gives another `ctime`; one that changes nothing else leaves no second version. */
	changed(inode: Inode, change: Partial<Meta> = {}): History<Meta> {
		const before = last(inode.meta)
		const meta = { ...before, ...change, ctimeNs: this.#now() }
		const isSame = (Object.keys(meta) as (keyof Meta)[]).every((key) => meta[key] === before[key])
		return isSame ? inode.meta : push(inode.meta, meta)
	}

	setMeta(number: number, change: Partial<Meta>): void {
		const inode = this.get(number)
		this.set(number, { ...inode, meta: this.changed(inode, change) })
	}

	links(number: number): number {
		let count = 0
		for (const inode of this.inodes.values()) {
			if (inode.kind !== "folder") continue
			for (const history of inode.names.values()) if (last(history) === number) count++
		}
		return count
	}

	/** Undefined for what has no name any more. */
	pathOf(number: number): string | undefined {
		if (number === ROOT) return "/"
		for (const [folder, inode] of this.inodes) {
			if (inode.kind !== "folder") continue
			for (const [name, history] of inode.names) {
				if (last(history) !== number) continue
				const above = this.pathOf(folder)
				if (above !== undefined) return above === "/" ? `/${name}` : `${above}/${name}`
			}
		}
		return undefined
	}

	/** Whether it is a folder that was removed while it was held. */
	isGone(folder: number): boolean {
		return folder !== ROOT && this.links(folder) === 0
	}

	/** Follows every link on the way, the last one only when asked to. Fails with ENOENT, ENOTDIR or ELOOP. */
	find(path: string, followsLast: boolean): Place {
		const heldAt = this.#startOf(path)
		const left = heldAt ? heldAt.left : path.split("/").filter(isName)
		let place: Place = { folder: ROOT, name: "", number: heldAt?.number ?? ROOT }
		for (let links = 0; left.length > 0; ) {
			const folder = this.#enter(place.number, path)
			const name = left.shift() as string
			if (name === "..") {
				place = { folder: ROOT, name: "", number: this.#parentOf(folder) }
				continue
			}
			const number = this.nameIn(folder, name)
			const inode = number === undefined ? undefined : this.get(number)
			place = { folder, name, number }
			if (inode?.kind !== "link" || (left.length === 0 && !followsLast)) continue
			if (++links > MAX_LINKS) throw systemError("ELOOP", path)
			left.unshift(...inode.target.split("/").filter(isName))
			place = { folder: ROOT, name: "", number: inode.target.startsWith("/") ? ROOT : folder }
		}
		return place
	}

	/** What is there; fails with ENOENT when nothing is. */
	must(path: string, followsLast: boolean): number {
		const { number } = this.find(path, followsLast)
		if (number === undefined) throw systemError("ENOENT", path)
		return number
	}

	/** A name that is to be made: its folder is there, nothing has it. */
	free(path: string): Place {
		const place = this.find(path, false)
		if (place.number !== undefined) throw systemError("EEXIST", path)
		if (this.isGone(place.folder)) throw systemError("ENOENT", path)
		return place
	}

	#startOf(path: string): { number: number; left: string[] } | undefined {
		if (!path.startsWith(this.#heldPrefix)) return undefined
		const [descriptor = "", ...left] = path.slice(this.#heldPrefix.length).split("/")
		const number = this.#heldNumber(descriptor)
		if (number === undefined) throw systemError("ENOENT", path)
		return { number, left: left.filter(isName) }
	}

	#enter(number: number | undefined, path: string): number {
		if (number === undefined) throw systemError("ENOENT", path)
		if (this.get(number).kind !== "folder") throw systemError("ENOTDIR", path)
		return number
	}

	#parentOf(folder: number): number {
		for (const [number, inode] of this.inodes) {
			if (inode.kind !== "folder") continue
			for (const history of inode.names.values()) if (last(history) === folder) return number
		}
		return ROOT
	}
}

function isName(part: string): boolean {
	return part !== "" && part !== "."
}
