import type { Disk, FileStat } from "../../../../../core/engine/host.ts"
import { bytesOf, contentOf, folderOf, type ModelFile, type ModelNode, nameOf, type Op, type Tree } from "./tree.ts"

/** A tree on a disk, real or simulated: everything through the engine's own port. `root` stands for the tree's `/`. */
export interface RealDisk {
	disk: Disk
	root: string
}

/** Makes an empty folder look like the model. */
export async function writeTree({ disk, root }: RealDisk, tree: Tree): Promise<void> {
	const names = new Map<ModelNode, string>()
	for (const [path, node] of [...tree].sort(([a], [b]) => (a < b ? -1 : 1))) {
		const at = root + path
		const same = names.get(node)
		if (same !== undefined) await disk.link(same, at)
		else if (node.kind === "folder") await disk.makeFolder(at, 0o755)
		else if (node.kind === "link") await disk.makeLink(targetOn(root, node.target), at)
		else await writeFile(disk, at, node)
		names.set(node, at)
	}
	for (const [path, node] of tree) {
		if (node.kind !== "folder") continue
		await onFile(disk, root + path, "folder", async (folder) => {
			await folder.setOwner(node.uid, node.gid)
			await folder.setMode(node.mode)
		})
	}
}

async function writeFile(disk: Disk, at: string, { content, mode, uid, gid, mtimeNs = 0n }: ModelFile): Promise<void> {
	await onFile(disk, at, "create", async (file) => {
		await file.write(bytesOf(content), 0)
		await file.setOwner(uid, gid)
		await file.setMode(mode)
	})
	await disk.setTimes([{ path: at, atimeNs: mtimeNs, mtimeNs }])
}

async function onFile<T>(
	disk: Disk,
	path: string,
	how: Parameters<Disk["open"]>[1],
	use: (file: Awaited<ReturnType<Disk["open"]>>) => Promise<T>,
): Promise<T> {
	const file = await disk.open(path, how)
	try {
		return await use(file)
	} finally {
		await file.close()
	}
}

function targetOn(root: string, target: string): string {
	return target.startsWith("/") ? root + target : target
}

/** What the disk looks like, as a model; names of one file have the same object. */
export async function readTree(real: RealDisk): Promise<Tree> {
	const tree: Tree = new Map()
	const files = new Map<bigint, ModelFile>()
	const visit = async (folder: string) => {
		for (const name of (await real.disk.readFolder(real.root + folder)) ?? []) {
			const path = `${folder}/${name}`
			const stat = await real.disk.lstat(real.root + path)
			if (!stat) throw new Error(`cannot look at ${path}`)
			tree.set(path, await readNode(real, path, stat, files))
			if (stat.kind === "folder") await visit(path)
		}
	}
	await visit("")
	return tree
}

async function readNode(
	{ disk, root }: RealDisk,
	path: string,
	stat: FileStat,
	files: Map<bigint, ModelFile>,
): Promise<ModelNode> {
	const { kind, mode, uid, gid, mtimeNs } = stat
	if (kind === "folder") return { kind, mode, uid, gid }
	if (kind === "link") {
		const target = await disk.readLink(root + path)
		return { kind, target: target.startsWith(`${root}/`) ? target.slice(root.length) : target }
	}
	const known = files.get(stat.inode)
	if (known) return known
	const content = await onFile(disk, root + path, "read", async (file) => {
		const bytes = Buffer.alloc(stat.size)
		await file.read(bytes, 0)
		return contentOf(bytes)
	})
	const file: ModelFile = { kind: "file", content, mode, uid, gid, mtimeNs }
	files.set(stat.inode, file)
	return file
}

/** Where the model does not know a time yet, the disk's is as good as any; from then on it must stay. */
export function learnTimes(model: Tree, disk: Tree): void {
	for (const [path, node] of model) {
		const found = disk.get(path)
		if (node.kind === "file" && node.mtimeNs === undefined && found?.kind === "file") node.mtimeNs = found.mtimeNs
	}
}

/** The disk as far as the model knows it: times that it does not know are left out. */
export function forgetTimes(disk: Tree, model: Tree): void {
	for (const [path, node] of disk) {
		const known = model.get(path)
		if (node.kind === "file" && known?.kind === "file" && known.mtimeNs === undefined) node.mtimeNs = undefined
	}
}

/** The same as `doOp` does to a model; where it cannot be done, nothing happens. */
export async function doOpOnDisk({ disk, root }: RealDisk, op: Op): Promise<void> {
	const at = root + op.path
	try {
		if (op.op === "folder") await disk.makeFolder(at, 0o755)
		if (op.op === "write") await write(disk, at, bytesOf(op.content))
		if (op.op === "mode") await setMode(disk, at, op.mode)
		if (op.op === "remove") await disk.remove(at)
		if (op.op === "link") {
			// The way there may lead through the very link that goes.
			const real = `${await disk.realPath(folderOf(at))}/${nameOf(at)}`
			if (await disk.lstat(real)) await disk.remove(real)
			await disk.makeLink(targetOn(root, op.target), real)
		}
	} catch (error) {
		if (!/^(ENOENT|ENOTDIR|EEXIST|EISDIR|ELOOP|EPERM)/.test(String((error as { code?: string }).code))) throw error
	}
}

async function write(disk: Disk, at: string, content: Uint8Array): Promise<void> {
	const stat = await disk.lstat(at)
	const path = stat ? await disk.realPath(at) : at
	await onFile(disk, path, stat ? "write" : "create", async (file) => {
		await file.truncate(0)
		await file.write(content, 0)
		if (!stat) await file.setMode(0o644)
	})
}

async function setMode(disk: Disk, at: string, mode: number): Promise<void> {
	const path = await disk.realPath(at)
	const how = (await disk.lstat(path))?.kind === "folder" ? "folder" : "read"
	await onFile(disk, path, how, (file) => file.setMode(mode))
}

/** The root itself is no part of the tree. */
export async function createRoot(disk: Disk, root: string): Promise<RealDisk> {
	const missing: string[] = []
	for (let folder = root; !(await disk.lstat(folder)); folder = folderOf(folder)) missing.unshift(folder)
	for (const folder of missing) await disk.makeFolder(folder, 0o755)
	return { disk, root }
}
