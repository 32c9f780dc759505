import { type Content, copyProved, hashFile, hashOpen, withFile } from "../disk/content.ts"
import { because, codeOf, unlessAbsent } from "../disk/disk-error.ts"
import type { Host, OpenFile } from "../host.ts"
import type { Layout } from "../layout.ts"

/**
 * Keeps an open file's content under its digest, proved and synced; the caller syncs the folder. A blob that is there
 * already is trusted only after its digest was found right.
 */
export async function storeBlob(
	host: Host,
	layout: Layout,
	file: OpenFile,
	path: string,
	tempName: string,
): Promise<Content> {
	const temp = `${layout.blobs}/${tempName}`
	await unlessAbsent(host.disk.remove(temp))
	try {
		let isThere = false
		const content = await keep(host, file, temp, async (kept, { digest }) => {
			isThere = await isBlobSound(host, layout, digest)
			if (!isThere) await kept.sync()
		})
		await (isThere ? host.disk.remove(temp) : host.disk.rename(temp, layout.blob(content.digest)))
		return content
	} catch (error) {
		// Half a copy would keep a full disk full, for the pools after this one too.
		await host.disk.remove(temp).catch(() => {})
		throw because(`back up ${path}`, error)
	}
}

/** Shares the file's blocks where the file system can; else copies it, and reads every piece of the copy back. */
async function keep(
	host: Host,
	file: OpenFile,
	temp: string,
	use: (kept: OpenFile, content: Content) => Promise<void>,
): Promise<Content> {
	const isShared = await share(host, file, temp)
	return withFile(host.disk.open(temp, isShared ? "read" : "create", 0o600), async (kept) => {
		if (isShared) await kept.setMode(0o600)
		const content = isShared ? await hashOpen(host, kept) : await copyProved(host, file, kept)
		await use(kept, content)
		return content
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
