import { type Content, hashFile, hashOpen, withFile } from "../disk/content.ts"
import { unlessAbsent } from "../disk/disk-error.ts"
import type { Host, OpenFile } from "../host.ts"
import type { Layout } from "../layout.ts"

/**
 * Keeps an open file's content under its digest, synced and read back; the caller syncs the folder. A blob that is there
 * already is trusted only after its digest was found right.
 */
export async function storeBlob(
	host: Host,
	layout: Layout,
	file: OpenFile,
	path: string,
	tempName: string,
): Promise<Content> {
	const content = await hashOpen(host, file)
	const blob = layout.blob(content.digest)
	if (await isBlobSound(host, layout, content.digest)) return content
	const temp = `${layout.blobs}/${tempName}`
	await unlessAbsent(host.disk.remove(temp))
	try {
		await host.disk.copy(file.path, temp)
	} catch (error) {
		// Half a copy would keep a full disk full, for the pools after this one too.
		await host.disk.remove(temp).catch(() => {})
		throw error
	}
	await withFile(host.disk.open(temp, "read"), async (file) => {
		await file.setMode(0o600)
		await file.sync()
	})
	const copied = await hashFile(host, temp)
	if (copied.digest !== content.digest) throw new Error(`cannot back up ${path}: it changed meanwhile`)
	await host.disk.rename(temp, blob)
	return content
}

/** Whether a backed up content is there and still has its digest. */
export async function isBlobSound(host: Host, layout: Layout, digest: string): Promise<boolean> {
	const stat = await host.disk.lstat(layout.blob(digest))
	return stat?.kind === "file" && (await hashFile(host, layout.blob(digest))).digest === digest
}
