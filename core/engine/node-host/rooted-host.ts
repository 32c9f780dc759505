import { realpathSync } from "node:fs"
import { join } from "node:path"
import type { Attributes, Disk, Host } from "../host.ts"
import { isHeldItself, isHeldPath } from "./held-path.ts"
import { createNodeHost } from "./node-host.ts"
import { createShellPort } from "./shell.ts"

export interface RootedHostOptions {
	/** The folder that stands for `/`. */
	root: string
	/** Folders that are themselves wherever they are: the state folder, a module's own folder. */
	keep: string[]
}

/**
 * This machine with one folder standing for `/`, for embedded appliances and for making images: destinations lie below
 * it, closures start in it and find it in `HOTFIX_ROOT`. It is no jail: a command that names `/etc` means the machine's
 * own, and an absolute link is one of the machine too. Nothing here is for security.
 */
export function createRootedHost(options: RootedHostOptions): Host {
	// Its commands are the machine's own, outside the folder.
	const { programFolders: _, ...host } = createNodeHost()
	const paths = makeRootedPaths({ root: realpathSync(options.root), keep: options.keep })
	return {
		...host,
		disk: makeRootedDisk(host.disk, paths),
		readNames: (folder, limit) => host.readNames(paths.inside(folder), limit),
		attributes: makeRootedAttributes(host.attributes, paths),
		shell: createShellPort({ cwd: paths.root, env: { HOTFIX_ROOT: paths.root } }),
	}
}

interface RootedPaths {
	root: string
	/** Where an appliance's path lies on this machine. */
	inside(path: string): string
	/** The appliance's name for a path of this machine; fails for one that lies outside. */
	outside(path: string): string
	/** Whether a folder that is kept stands somewhere below this folder of the machine. */
	holdsKept(path: string): boolean
}

export function makeRootedPaths({ root, keep }: RootedHostOptions): RootedPaths {
	const isBelow = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`)
	const isKept = (path: string) => isHeldPath(path) || keep.some((folder) => isBelow(path, folder))
	return {
		root,
		// Taken apart from `/` first: `..` ends there, as it does on an appliance.
		inside: (path) => (isKept(path) ? path : join(root, join("/", path))),
		outside(path) {
			if (isKept(path)) return path
			if (isBelow(path, root)) return path.slice(root.length) || "/"
			throw Object.assign(new Error(`cannot follow ${path}: it leads out of ${root}`), { code: "ENOENT" })
		},
		holdsKept: (path) => keep.some((folder) => folder !== path && isBelow(folder, path === "/" ? "" : path)),
	}
}

function makeRootedDisk(disk: Disk, { inside, outside, holdsKept }: RootedPaths): Disk {
	return {
		open: (path, how, mode) => disk.open(inside(path), how, mode),
		lstat: (path) => disk.lstat(inside(path)),
		readLink: async (path) => {
			const link = await disk.readLink(inside(path))
			return isHeldItself(path) ? outside(link) : link
		},
		realPath: async (path) => outside(await disk.realPath(inside(path))),
		readFolder: (path) => disk.readFolder(inside(path)),
		makeFolder: (path, mode, owner) => disk.makeFolder(inside(path), mode, owner),
		removeFolder: (path) => disk.removeFolder(inside(path)),
		removeTree: (path) => disk.removeTree(inside(path)),
		rename: (from, to) => disk.rename(inside(from), inside(to)),
		link: (from, to) => disk.link(inside(from), inside(to)),
		makeLink: (target, path) => disk.makeLink(target, inside(path)),
		remove: (path) => disk.remove(inside(path)),
		setTimes: (times) => disk.setTimes(times.map((time) => ({ ...time, path: inside(time.path) }))),
		checkWritable: (path) => disk.checkWritable(inside(path)),
		syncFolder: async (path) => {
			// Names of kept folders stand in the machine's own; an appliance's folder may bear the same path.
			if (holdsKept(path)) await disk.syncFolder(path)
			if (!holdsKept(path) || (await disk.lstat(inside(path)))) await disk.syncFolder(inside(path))
		},
		clone: (from, to) => disk.clone(inside(from), inside(to)),
		room: (path) => disk.room(inside(path)),
	}
}

function makeRootedAttributes(attributes: Attributes, { inside }: RootedPaths): Attributes {
	return {
		missing: () => attributes.missing(),
		async find(paths, scratch) {
			const byInside = new Map(paths.map((path) => [inside(path), path]))
			const found = await attributes.find([...byInside.keys()], inside(scratch))
			return new Map([...found].map(([path, text]) => [byInside.get(path) ?? path, text]))
		},
		take: (from, to) => attributes.take(inside(from), inside(to)),
		give: (from, to) => attributes.give(inside(from), inside(to)),
	}
}
