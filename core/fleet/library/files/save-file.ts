import { createHash } from "node:crypto"
import { type BigIntStats, lstatSync, readFileSync, renameSync } from "node:fs"
import { type FileHandle, lstat, open, realpath } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { isInside } from "../../../folder/source-path.ts"
import { FailureError } from "../../../schema/failure.ts"
import { digestOf } from "../../digest.ts"
import { stageFile, syncFolder } from "./atomic-file.ts"
import { codeOf, isMissing } from "./disk-failure.ts"
import { findParents, makeParents, type Parents } from "./make-parents.ts"

/** Up to here a file is read once more in the very moment before it is replaced; larger ones are known by their times. */
const COMPARED_BYTES = 4 * 1024 * 1024

export interface SaveRequest {
	/** Real path of the module. */
	folder: string
	/** `index.json` or `src/...`, with `/`. */
	name: string
	bytes: Uint8Array | ((file: FileHandle) => Promise<void>)
	/** Digest of the file that is to be replaced; undefined: there must be none. */
	base: string | undefined
	isExecutable?: boolean | undefined
	/** False: the caller syncs the folder, once for many files. */
	syncsFolder?: boolean
}

export type Saved = { state: "saved" } | { state: "conflict"; digest?: string }

/**
 * Replaces a file of a module, or makes one, only where the file is still what it was. Old or new content is there
 * whatever happens; mode and owner stay, and a link stays while its file is written. Nothing outside the module is
 * written. Fails with the errors of the file system, and `source-refused`.
 */
export async function saveFile(
	{ exclusively }: { exclusively<T>(work: () => T): T },
	{ folder, name, bytes, base, isExecutable, syncsFolder = true }: SaveRequest,
): Promise<Saved> {
	const parents = await findParents(folder, name)
	if (base !== undefined && parents.missing.length > 0) return conflict(undefined)
	const path = await findPlaceOf(name, await makeParents(name, parents), parents)
	const seen = await seeFile(path)
	if (seen?.digest !== base) return conflict(seen)
	const staged = await stageFile(folder, modeFor(seen?.stat, isExecutable), async (file) => {
		if (typeof bytes === "function") await bytes(file)
		else await file.writeFile(bytes)
		if (seen) await keepOwner(file, seen.stat)
	})
	try {
		const isReplaced = exclusively(() => {
			if (!isStill(path, seen)) return false
			renameSync(staged.path, path)
			return true
		})
		if (!isReplaced) {
			await staged.discard()
			return conflict(await seeFile(path))
		}
	} catch (error) {
		await staged.discard()
		throw error
	}
	if (syncsFolder) await syncFolder(dirname(path))
	return { state: "saved" }
}

const conflict = (seen: Seen | undefined): Saved => ({ state: "conflict", ...(seen && { digest: seen.digest }) })

interface Seen {
	digest: string
	stat: BigIntStats
}

/** Where a file really lies: a link must stay inside. */
async function findPlaceOf(name: string, parent: string, { allowed }: Parents): Promise<string> {
	const path = join(parent, basename(name))
	const found = await lstat(path).catch(isMissing)
	if (!found?.isSymbolicLink()) return path
	const real = await realpath(path).catch(isMissing)
	if (real === undefined || !isInside(real, allowed)) throw outside(name)
	return real
}

function outside(path: string): FailureError {
	return new FailureError("source-refused", { path, reason: "outside" })
}

/** Digest of a file and what it was while it was read; undefined for none. */
export async function seeFile(path: string): Promise<Seen | undefined> {
	const file = await open(path, "r").catch(isMissing)
	if (!file) return undefined
	try {
		const stat = await file.stat({ bigint: true })
		if (!stat.isFile())
			throw new FailureError("source-refused", { path, reason: stat.isDirectory() ? "a-folder" : "not-a-file" })
		const hash = createHash("sha256")
		for await (const piece of file.createReadStream({ autoClose: false })) hash.update(piece as Buffer)
		return { digest: hash.digest("hex"), stat }
	} finally {
		await file.close()
	}
}

function isStill(path: string, seen: Seen | undefined): boolean {
	const now = lstatSync(path, { bigint: true, throwIfNoEntry: false })
	if (!now || !seen) return !now && !seen
	const { ino, dev, size, ctimeNs } = seen.stat
	if (now.ino !== ino || now.dev !== dev || now.size !== size || now.ctimeNs !== ctimeNs) return false
	if (size > COMPARED_BYTES) return true
	return digestOf(readFileSync(path)) === seen.digest
}

function modeFor(stat: BigIntStats | undefined, isExecutable: boolean | undefined): number {
	const mode = stat ? Number(stat.mode & 0o7777n) : 0o644
	if (isExecutable === undefined) return mode
	// Executable for whoever may read it.
	return isExecutable ? mode | ((mode & 0o444) >> 2) : mode & ~0o111
}

/** Where this account may not give files away, they become its own, as with any editor. */
async function keepOwner(file: FileHandle, { uid, gid }: BigIntStats): Promise<void> {
	const now = await file.stat({ bigint: true })
	if (now.uid === uid && now.gid === gid) return
	await file.chown(Number(uid), Number(gid)).catch((error) => {
		if (codeOf(error) !== "EPERM") throw error
	})
}
