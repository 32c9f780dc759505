import { constants } from "node:fs"
import {
	chmod,
	type FileHandle,
	lstat,
	open,
	readdir,
	readlink,
	realpath,
	rename,
	rm,
	rmdir,
	stat,
} from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { isInside } from "../../folder/source-path.ts"
import { FailureError } from "../../schema/failure.ts"
import type { NewSource, SourceContent, SourceProgress, SourceResult } from "../../schema/library.ts"
import { digestOf } from "../digest.ts"
import { syncFolder } from "./files/atomic-file.ts"
import { codeOf, diskFailure, isMissing, onDisk } from "./files/disk-failure.ts"
import { findParents, makeParents } from "./files/make-parents.ts"
import { saveFile, seeFile } from "./files/save-file.ts"
import { findFolder, type LibraryDeps } from "./module-place.ts"
import { TOO_LARGE_BYTES } from "./publish-findings.ts"
import { readText } from "./save-text.ts"
import { sourceName } from "./source-name.ts"

/** Results told together, so that a thousand files are not a thousand messages. */
const BATCH = 20

/** Where an upload's pieces were put together; undefined for an unknown one. */
export type FindUpload = (upload: string) => string | undefined

/** Adds or replaces sources and tells how far it is; what fails with one does not stop the next. */
export async function* addSources(
	deps: LibraryDeps,
	given: string,
	sources: NewSource[],
	findUpload: FindUpload = () => undefined,
): AsyncGenerator<SourceProgress> {
	const folder = await findFolder(given)
	for (let count = 0; count < sources.length; ) {
		const batch = sources.slice(count, count + BATCH)
		const results = await deps.turns(folder, () => addBatch(deps, folder, batch, findUpload))
		count += batch.length
		yield { count, total: sources.length, results }
	}
}

/** Side by side: a disk syncs many files in the time of one. */
async function addBatch(deps: LibraryDeps, folder: string, batch: NewSource[], findUpload: FindUpload) {
	const results = await Promise.all(batch.map((source) => addOne(deps, folder, source, findUpload)))
	const added = results.filter(({ state }) => state === "done").map(({ target }) => join(folder, sourceName(target)))
	for (const parent of new Set(added.map((path) => dirname(path)))) await syncFolder(parent)
	return results
}

async function addOne(
	deps: LibraryDeps,
	folder: string,
	{ target, from, replaces, isExecutable }: NewSource,
	findUpload: FindUpload,
): Promise<SourceResult> {
	return attempt(target, async () => {
		const name = sourceName(target)
		if (from.kind === "text") {
			const bytes = Buffer.from(from.text)
			return save(deps, { folder, name, bytes, base: replaces, isExecutable })
		}
		const path = from.kind === "path" ? from.path : findUpload(from.upload)
		if (path === undefined) throw new FailureError("source-refused", { path: target, reason: "not-uploaded" })
		const file = await openSource(path, target)
		try {
			const { mode } = await file.stat()
			const executable =
				isExecutable ?? (from.kind === "path" && replaces === undefined ? (mode & 0o100) !== 0 : undefined)
			const bytes = (to: FileHandle) => copyInto(file, to, path)
			return await save(deps, { folder, name, bytes, base: replaces, isExecutable: executable })
		} finally {
			await file.close()
		}
	})
}

async function save(deps: LibraryDeps, request: Parameters<typeof saveFile>[1]): Promise<Outcome> {
	const saved = await saveFile(deps, { ...request, syncsFolder: false })
	if (saved.state === "conflict") return { state: "conflict", ...(saved.digest && { digest: saved.digest }) }
	const now = await seeFile(join(request.folder, request.name))
	return { state: "done", ...(now && { digest: now.digest }) }
}

type Outcome = { state: "done" | "conflict"; digest?: string }

/** Whatever goes wrong with one source is that source's result; only a fault of ours goes on up. */
async function attempt(target: string, work: () => Promise<Outcome>): Promise<SourceResult> {
	try {
		return { target, ...(await work()) }
	} catch (error) {
		const known = diskFailure(error, target)
		if (known instanceof FailureError) return { state: "failed", target, failure: known.failure }
		throw error
	}
}

async function openSource(path: string, target: string): Promise<FileHandle> {
	const refuse = (reason: string, more = {}) => new FailureError("source-refused", { path: target, reason, ...more })
	// A pipe would be waited for without end.
	const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((error) => {
		throw ["ENOENT", "ENOTDIR"].includes(codeOf(error)) ? refuse("vanished") : error
	})
	const found = await file.stat()
	const reason = found.isDirectory() ? "a-folder" : !found.isFile() ? "not-a-file" : ""
	const isTooLarge = found.size > TOO_LARGE_BYTES
	if (!reason && !isTooLarge) return file
	await file.close()
	throw isTooLarge ? refuse("too-large", { limitBytes: TOO_LARGE_BYTES }) : refuse(reason)
}

/** One that changes meanwhile would be half of each. */
async function copyInto(from: FileHandle, to: FileHandle, path: string): Promise<void> {
	const before = await from.stat({ bigint: true })
	for await (const piece of from.createReadStream({ autoClose: false, start: 0 })) await to.appendFile(piece as Buffer)
	const after = await from.stat({ bigint: true })
	if (before.mtimeNs !== after.mtimeNs || before.size !== after.size)
		throw new FailureError("changed-meanwhile", { path })
}

/**
 * Removes a source, and the folders that are empty by it. A link that leads to no source is removed as well, and never
 * followed; its `base` is the digest of where it leads.
 */
export function removeSource(deps: LibraryDeps, given: string, target: string, base: string): Promise<SourceResult> {
	return inTurn(deps, given, target, async (folder, name) => {
		const path = join(folder, name)
		const source = await requireFolderInside(folder, path, target)
		const seen = (await seeStrayLink(path, source)) ?? (await seeLink(path))
		if (seen?.digest !== base) return { state: "conflict", ...(seen && { digest: seen.digest }) }
		await rm(path)
		await removeEmptyFolders(folder, dirname(name))
		return { state: "done" }
	})
}

/** Renames or moves a source below `src/`; what stands at the new name stays, and is a conflict. */
export function renameSource(
	deps: LibraryDeps,
	given: string,
	{ target, to, base }: { target: string; to: string; base: string },
): Promise<SourceResult> {
	return changeSource(deps, given, target, async (folder, name) => {
		const [from, next] = [join(folder, name), sourceName(to)]
		const seen = await seeLink(from)
		if (seen?.digest !== base) return { state: "conflict", ...(seen && { digest: seen.digest }) }
		const place = join(await makeParents(next, await findParents(folder, next)), basename(next))
		await requireInside(folder, place, to)
		const there = await lstat(place).catch(isMissing)
		// On a disk that knows no case, another case of the same name is the same file.
		if (there && there.ino !== (await lstat(from)).ino) return { state: "conflict", ...(await seeLink(place)) }
		await rename(from, place)
		await syncFolder(dirname(place))
		await removeEmptyFolders(folder, dirname(name))
		return { state: "done", digest: base }
	})
}

export function setExecutable(
	deps: LibraryDeps,
	given: string,
	target: string,
	isExecutable: boolean,
): Promise<SourceResult> {
	return changeSource(deps, given, target, async (folder, name) => {
		const path = join(folder, name)
		const { mode } = await stat(path)
		await chmod(path, isExecutable ? mode | ((mode & 0o444) >> 2) : mode & ~0o111)
		return { state: "done" }
	})
}

/** A source for an editor. Fails with `source-refused`, `not-found` and the like. */
export async function readSource(given: string, target: string): Promise<SourceContent> {
	const folder = await findFolder(given)
	const path = join(folder, sourceName(target))
	return onDisk(path, async () => {
		await requireInside(folder, path, target)
		const { text } = await readText(path)
		if (text === undefined) return { target, ...(await seeSource(path)) }
		const { mode } = await stat(path)
		// Of the text that is shown, whatever somebody saves meanwhile.
		const shown = Buffer.from(text)
		return { target, size: shown.length, digest: digestOf(shown), isExecutable: (mode & 0o100) !== 0, text }
	})
}

/** What is told of a source that nobody edits as text. */
async function seeSource(path: string) {
	const seen = await seeFile(path)
	if (!seen) throw new FailureError("not-found", { kind: "file", path })
	const { digest, stat } = seen
	return { size: Number(stat.size), digest, isExecutable: (stat.mode & 0o100n) !== 0n }
}

function changeSource(deps: LibraryDeps, given: string, target: string, work: Work): Promise<SourceResult> {
	return inTurn(deps, given, target, async (folder, name) => {
		await requireInside(folder, join(folder, name), target)
		return work(folder, name)
	})
}

type Work = (folder: string, name: string) => Promise<Outcome>

async function inTurn(deps: LibraryDeps, given: string, target: string, work: Work): Promise<SourceResult> {
	const folder = await findFolder(given)
	return deps.turns(folder, () => attempt(target, () => work(folder, sourceName(target))))
}

/** A link to nothing, to a folder or out of `src/`; undefined for anything else. */
async function seeStrayLink(path: string, source: string): Promise<{ digest: string } | undefined> {
	if (!(await lstat(path).catch(isMissing))?.isSymbolicLink()) return undefined
	// Whatever keeps it from leading to a file inside: the link itself is all that is touched.
	const real = await realpath(path).catch(() => undefined)
	const found = real !== undefined && isInside(real, source) ? await stat(real).catch(() => undefined) : undefined
	if (found?.isFile()) return undefined
	return { digest: digestOf(await readlink(path, { encoding: "buffer" })) }
}

/** A link counts as what it leads to, and is itself what gets removed or renamed. */
async function seeLink(path: string): Promise<{ digest: string } | undefined> {
	const seen = await seeFile(path)
	return seen && { digest: seen.digest }
}

/** No link on the way, nor the file itself, may lead out of `src/`. */
export async function requireInside(folder: string, path: string, target: string): Promise<void> {
	const source = await requireFolderInside(folder, path, target)
	const file = await realpath(path).catch(isMissing)
	if (file !== undefined && !isInside(file, source)) throw outside(target)
}

/** Real path of `src/`, out of which no link on the way to a source may lead. */
async function requireFolderInside(folder: string, path: string, target: string): Promise<string> {
	const source = await realpath(join(folder, "src")).catch(isMissing)
	const parent = await realpath(dirname(path)).catch(isMissing)
	if (source === undefined || parent === undefined) throw new FailureError("not-found", { kind: "file", path })
	if (!isInside(source, folder) || !isInside(parent, source)) throw outside(target)
	return source
}

function outside(path: string): FailureError {
	return new FailureError("source-refused", { path, reason: "outside" })
}

/** `src/` itself stays. */
export async function removeEmptyFolders(folder: string, name: string): Promise<void> {
	for (let at = name; at.startsWith("src/"); at = dirname(at)) {
		if ((await readdir(join(folder, at))).length > 0) return
		await rmdir(join(folder, at))
	}
}
