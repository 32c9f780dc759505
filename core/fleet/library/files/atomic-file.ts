import { randomBytes } from "node:crypto"
import { type FileHandle, open, readdir, rename, rm, stat } from "node:fs/promises"
import { dirname, join } from "node:path"

/** What a program of ours that was killed leaves beside the module's files; never below `src/`. */
const TEMPORARY = /^\.hotfix-[0-9a-f]{16}$/
/** Older ones are nobody's any more, milliseconds. */
const LEFT_OVER_MS = 24 * 3600 * 1000

/** A file that is complete and synced beside its place; `place` or `discard` it. */
export interface StagedFile {
	path: string
	discard(): Promise<void>
}

/** Makes a complete, synced file with a temporary name in a folder. Nothing is left of it when `write` fails. */
export async function stageFile(
	folder: string,
	mode: number,
	write: (file: FileHandle) => Promise<void>,
): Promise<StagedFile> {
	const path = join(folder, `.hotfix-${randomBytes(8).toString("hex")}`)
	const file = await open(path, "wx", mode)
	const discard = () => rm(path, { force: true })
	try {
		await write(file)
		// The umask took bits away.
		await file.chmod(mode)
		await file.sync()
	} catch (error) {
		await file.close()
		await discard()
		throw error
	}
	await file.close()
	return { path, discard }
}

/** Replaces a file of our own so that the old or the new content is there whatever happens. */
export async function writeFileAtomic(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
	const staged = await stageFile(dirname(path), mode, (file) => file.writeFile(content))
	await rename(staged.path, path)
	await syncFolder(dirname(path))
}

/** Makes the names of a folder durable. Windows cannot open folders, and does it by itself. */
export async function syncFolder(folder: string): Promise<void> {
	if (process.platform === "win32") return
	const handle = await open(folder, "r")
	await handle.sync().finally(() => handle.close())
}

/** Removes what killed programs left in a module's folder more than a day ago. */
export async function removeLeftOvers(folder: string, now = Date.now()): Promise<void> {
	for (const name of (await readdir(folder)).filter((name) => TEMPORARY.test(name))) {
		const { mtimeMs } = await stat(join(folder, name))
		if (now - mtimeMs > LEFT_OVER_MS) await rm(join(folder, name), { recursive: true, force: true })
	}
}
