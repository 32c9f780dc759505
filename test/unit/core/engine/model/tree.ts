/** Larger than what is read at once. */
const LARGE = (1 << 20) + 17

/** What a content in the model is on a disk: "large" stands for a lot. */
export function bytesOf(content: string): Buffer {
	return Buffer.from(content.endsWith("large") ? content.padEnd(LARGE, "-") : content, "latin1")
}

export function contentOf(bytes: Buffer): string {
	const text = bytes.toString("latin1")
	const short = text.slice(0, text.indexOf("large") + "large".length)
	return text.length > 1000 && bytesOf(short).equals(bytes) ? short : text
}

/** A regular file. Two names with the same object are hard links of one file. */
export interface ModelFile {
	kind: "file"
	content: string
	mode: number
	uid: number
	gid: number
	/** Undefined since it was written: what the disk says then is learnt, and must stay. */
	mtimeNs?: bigint | undefined
}

export interface ModelFolder {
	kind: "folder"
	mode: number
	uid: number
	gid: number
}

export interface ModelLink {
	kind: "link"
	/** As `readlink` says; absolute from the tree's own root. */
	target: string
}

export type ModelNode = ModelFile | ModelFolder | ModelLink

/** What a disk looks like, by absolute path without links. `/` is always there. */
export type Tree = Map<string, ModelNode>

export function folderOf(path: string): string {
	return path.slice(0, path.lastIndexOf("/")) || "/"
}

export function nameOf(path: string): string {
	return path.slice(path.lastIndexOf("/") + 1)
}

export function join(folder: string, name: string): string {
	return folder === "/" ? `/${name}` : `${folder}/${name}`
}

/** The way without links to something that is there; undefined when it leads nowhere or in a circle. `onLink` hears of each. */
export function realPath(tree: Tree, path: string, onLink?: (link: string) => void): string | undefined {
	const left = path.split("/").filter(Boolean)
	let done = "/"
	for (let links = 0; left.length > 0; ) {
		const name = left.shift() as string
		if (name === "..") {
			done = folderOf(done)
			continue
		}
		const node = tree.get(join(done, name))
		if (!node || (node.kind === "file" && left.length > 0)) return undefined
		if (node.kind !== "link") {
			done = join(done, name)
			continue
		}
		if (++links > 40) return undefined
		onLink?.(join(done, name))
		if (node.target.startsWith("/")) done = "/"
		left.unshift(...node.target.split("/").filter(Boolean))
	}
	return done
}

/** The name itself, in its folder without links; undefined when that folder is not there. */
export function nameAt(tree: Tree, path: string): string | undefined {
	const folder = realPath(tree, folderOf(path))
	return folder !== undefined && isFolder(tree, folder) ? join(folder, nameOf(path)) : undefined
}

export function isFolder(tree: Tree, path: string): boolean {
	return path === "/" || tree.get(path)?.kind === "folder"
}

export function isEmpty(tree: Tree, folder: string): boolean {
	return ![...tree.keys()].some((path) => path.startsWith(`${folder}/`))
}

export function hasSeveralNames(tree: Tree, node: ModelNode): boolean {
	return [...tree.values()].filter((other) => other === node).length > 1
}

/** What a customer or a command does; where it cannot be done, nothing happens. */
export type Op =
	/** Through links, in place; a new file gets mode 0644. */
	| { op: "write"; path: string; content: string }
	/** A file or link, never a folder. */
	| { op: "remove"; path: string }
	/** Through links; files and folders. */
	| { op: "mode"; path: string; mode: number }
	/** In the place of a file, a link or nothing. */
	| { op: "link"; path: string; target: string }
	| { op: "folder"; path: string }

export interface Owner {
	uid: number
	gid: number
}

export function doOp(tree: Tree, op: Op, self: Owner): void {
	const name = nameAt(tree, op.path)
	if (name === undefined) return
	const real = realPath(tree, op.path)
	const node = real === undefined ? undefined : tree.get(real)
	if (op.op === "write") {
		if (node?.kind === "file") Object.assign(node, { content: op.content, mtimeNs: undefined })
		else if (!tree.has(name)) tree.set(name, { kind: "file", content: op.content, mode: 0o644, ...self })
	}
	if (op.op === "mode" && (node?.kind === "file" || node?.kind === "folder")) node.mode = op.mode
	if (op.op === "folder" && !tree.has(name)) tree.set(name, { kind: "folder", mode: 0o755, ...self })
	if (tree.get(name)?.kind === "folder") return
	if (op.op === "remove") tree.delete(name)
	if (op.op === "link") tree.set(name, { kind: "link", target: op.target })
}

/** What a tree looks like, a line for each path; times only of files whose time is known. */
export function print(tree: Tree): Record<string, string> {
	const printed: Record<string, string> = {}
	const first = new Map<ModelNode, string>()
	for (const [path, node] of [...tree].sort(([a], [b]) => (a < b ? -1 : 1))) {
		const same = first.get(node)
		if (!same) first.set(node, path)
		printed[path] = same ? `= ${same}` : printNode(node)
	}
	return printed
}

function printNode(node: ModelNode): string {
	if (node.kind === "link") return `link ${node.target}`
	const owned = `${node.kind} ${node.mode.toString(8)} ${node.uid}:${node.gid}`
	if (node.kind === "folder") return owned
	return `${owned} ${node.mtimeNs ?? "now"} ${node.content.slice(0, 100)}`
}
