import type { BigIntStats } from "node:fs"
import { lstat, open, readdir, readlink } from "node:fs/promises"
import { join } from "node:path"
import { FailureError } from "../../schema/failure.ts"
import { diskFailure, isMissing } from "./files/disk-failure.ts"
import { findBadName } from "./git/entry-name.ts"
import { makeTrees, oidOf, type TreeFile } from "./git/tree.ts"
import { createTreeMeter } from "./git/tree-limits.ts"
import { blobOidOf } from "./git/write-object.ts"

/** A file of a module as it is on disk, named as git would. */
export interface ContentFile extends TreeFile {
	/** Absolute. */
	path: string
	/** Bytes; of a link the length of where it leads. */
	size: number
	/** Link or file as it was found, for git's index. */
	found: BigIntStats
}

/** `index.json` and everything below `src/`, by path with `/`. `id` is the same for the same content, anywhere. */
export interface Content {
	files: Map<string, ContentFile>
	id: string
}

/** Files hashed at once. */
const AT_ONCE = 8
/** A file system stamps two changes within one tick of its clock alike. */
const TICK_NS = 1_000_000_000n
/** Files whose names are remembered; more are hashed again. */
const CACHE_LIMIT = 50_000

interface Known {
	ino: bigint
	dev: bigint
	ctimeNs: bigint
	oid: string
}

/** Remembers the names of files that did not change, so that a library opens without reading every file again. */
export type ContentCache = Map<string, Known>

/**
 * The content of a module folder. Links are links here, not followed. Fails with `source-refused` for what git cannot
 * keep, and with the failures of `disk-failure.ts`.
 */
export async function readContent(folder: string, cache: ContentCache = new Map()): Promise<Content> {
	const found = await walk(folder)
	const files = new Map<string, ContentFile>()
	const queue = found.values()
	const nameRest = async () => {
		for (const { path, name, stat } of queue) files.set(name, await nameFile(path, stat, cache))
	}
	await Promise.all(Array.from({ length: AT_ONCE }, nameRest))
	return { files, id: contentIdOf(files) }
}

/** The name of a content, whether its files are on disk or in a commit. */
export function contentIdOf(files: ReadonlyMap<string, TreeFile>): string {
	const plain = [...files].map(([name, { mode, oid }]) => [name, { mode, oid }] as const)
	return makeTrees(new Map(plain)).at(-1)?.oid ?? ""
}

interface Found {
	path: string
	name: string
	stat: BigIntStats
}

async function walk(folder: string): Promise<Found[]> {
	const index = join(folder, "index.json")
	const all: Found[] = []
	const stat = await lstat(index, { bigint: true }).catch((error) => refuse(error, index))
	if (!stat.isFile()) throw new FailureError("repository-unusable", { path: folder, reason: "not-a-file" })
	all.push({ path: index, name: "index.json", stat })
	const source = await lstat(join(folder, "src")).catch(isMissing)
	if (source && !source.isDirectory())
		throw new FailureError("repository-unusable", { path: folder, reason: "not-a-file" })
	const count = createTreeMeter(folder)
	const open = source ? ["src"] : []
	for (let at = open.pop(); at !== undefined; at = open.pop()) {
		const path = join(folder, at)
		for (const entry of await readdir(path, { withFileTypes: true }).catch((error) => refuse(error, path))) {
			const name = `${at}/${entry.name}`
			const reason = findBadName(entry.name)
			if (reason) throw new FailureError("source-refused", { path: name, reason })
			count(name)
			if (entry.isDirectory()) open.push(name)
			else all.push(await look(join(folder, name), name))
		}
	}
	return all
}

async function look(path: string, name: string): Promise<Found> {
	const stat = await lstat(path, { bigint: true }).catch((error) => refuse(error, path))
	if (!stat.isFile() && !stat.isSymbolicLink())
		throw new FailureError("source-refused", { path: name, reason: "not-a-file" })
	return { path, name, stat }
}

/** One more file of a module's folder, where there is such a regular file. */
export async function readContentFile(path: string): Promise<ContentFile | undefined> {
	const found = await lstat(path, { bigint: true }).catch(isMissing)
	return found?.isFile() ? nameFile(path, found, new Map()) : undefined
}

async function nameFile(path: string, found: BigIntStats, cache: ContentCache): Promise<ContentFile> {
	if (found.isSymbolicLink()) {
		const to = await readlink(path, { encoding: "buffer" }).catch((error) => refuse(error, path))
		return { path, mode: "120000", oid: oidOf("blob", to), size: to.length, found }
	}
	const mode = found.mode & 0o100n ? "100755" : "100644"
	const known = cache.get(path)
	const { ino, dev, ctimeNs } = found
	const isKnown = known?.ino === ino && known.dev === dev && known.ctimeNs === ctimeNs
	const named = isKnown ? { oid: known.oid, found } : await hashFile(path)
	const isOld = BigInt(Date.now()) * 1_000_000n - named.found.ctimeNs > TICK_NS
	if (!isKnown && isOld) {
		if (cache.size >= CACHE_LIMIT) cache.clear()
		cache.set(path, { ino, dev, ctimeNs: named.found.ctimeNs, oid: named.oid })
	}
	return { path, mode, oid: named.oid, size: Number(named.found.size), found: named.found }
}

async function hashFile(path: string): Promise<{ oid: string; found: BigIntStats }> {
	const file = await open(path, "r").catch((error) => refuse(error, path))
	try {
		const found = await file.stat({ bigint: true })
		const oid = await blobOidOf(file, Number(found.size)).catch((error) => {
			throw error instanceof FailureError ? new FailureError("changed-meanwhile", { path }) : diskFailure(error, path)
		})
		return { oid, found }
	} finally {
		await file.close()
	}
}

function refuse(error: unknown, path: string): never {
	throw diskFailure(error, path)
}
