import { type Content, copyProved, hashFile, hashOpen, withFile } from "../disk/content.ts"
import { because, codeOf, unlessAbsent } from "../disk/disk-error.ts"
import { sideBySide } from "../disk/side-by-side.ts"
import type { Host, OpenFile } from "../host.ts"
import type { Layout } from "../layout.ts"

/** A content in the folder of contents. */
export interface CopiedBlob extends Content {
	/** Where it lies until it is safe; absent when the same content was kept already. */
	temp?: string
}

/**
 * Copies an open file's content and proves the copy; `keepBlobs` makes it safe. A blob that is there already is trusted
 * only after its digest was found right.
 */
export async function copyBlob(
	host: Host,
	layout: Layout,
	file: OpenFile,
	path: string,
	tempName: string,
): Promise<CopiedBlob> {
	const temp = `${layout.blobs}/${tempName}`
	await unlessAbsent(host.disk.remove(temp))
	try {
		const content = await copy(host, file, temp)
		if (!(await isBlobSound(host, layout, content.digest))) return { ...content, temp }
		await host.disk.remove(temp)
		return content
	} catch (error) {
		await dropBlobs(host, [{ temp }])
		throw because(`back up ${path}`, error)
	}
}

/**
 * Makes copied contents safe under their digests; the folder's sync included. All are written before the first one is
 * synced: file systems make many files safe in hardly more time than one.
 */
export async function keepBlobs(host: Host, layout: Layout, blobs: CopiedBlob[]): Promise<void> {
	const fresh = blobs.flatMap(({ temp, digest }) => (temp === undefined ? [] : [{ temp, digest }]))
	await sideBySide(fresh, ({ temp }) => withFile(host.disk.open(temp, "read"), (file) => file.sync()))
	await sideBySide(fresh, ({ temp, digest }) => host.disk.rename(temp, layout.blob(digest)))
	await host.disk.syncFolder(layout.blobs)
}

/** Half a backup would keep a full disk full, for the pools after this one too. */
export async function dropBlobs(host: Host, blobs: Pick<CopiedBlob, "temp">[]): Promise<void> {
	for (const { temp } of blobs) if (temp !== undefined) await host.disk.remove(temp).catch(() => {})
}

/** Shares the file's blocks where the file system can; else copies it, and reads every piece of the copy back. */
async function copy(host: Host, file: OpenFile, temp: string): Promise<Content> {
	const isShared = await share(host, file, temp)
	return withFile(host.disk.open(temp, isShared ? "read" : "create", 0o600), async (kept) => {
		if (!isShared) return copyProved(host, file, kept)
		await kept.setMode(0o600)
		return hashOpen(host, kept)
	})
}

async function share(host: Host, file: OpenFile, temp: string): Promise<boolean> {
	try {
		await host.disk.clone(file.path, temp)
		return true
	} catch (error) {
		if (codeOf(error) === "ENOTSUP" || codeOf(error) === "EXDEV") return false
		throw error
	}
}

/** Whether a backed up content is there and still has its digest. */
export async function isBlobSound(host: Host, layout: Layout, digest: string): Promise<boolean> {
	const stat = await host.disk.lstat(layout.blob(digest))
	return stat?.kind === "file" && (await hashFile(host, layout.blob(digest))).digest === digest
}
