import { type Content, copyInto, hashFile, withFile } from "../disk/content.ts"
import { unlessAbsent } from "../disk/disk-error.ts"
import type { Host } from "../host.ts"
import type { Layout } from "../layout.ts"
import type { FileSnapshot } from "./manifest.ts"

/** Memory for one file under way; whatever its size. */
const PIECE = 1 << 20
/** Characters of a text's end that are looked at. */
const END = 64

/**
 * Keeps a backed up content as its owner's editor might have left it, among the contents, synced: a text has one more
 * line's end at its end. What that could break comes back as it is.
 */
export async function storeChanged(
	host: Host,
	layout: Layout,
	{ digest, size }: FileSnapshot,
	tempName: string,
): Promise<Content> {
	const from = layout.blob(digest)
	const addition = additionTo(await readTextEnd(host, from))
	if (addition === "") return { digest, size }
	const temp = `${layout.blobs}/${tempName}`
	await unlessAbsent(host.disk.remove(temp))
	await withFile(host.disk.open(temp, "create", 0o600), async (file) => {
		await copyInto(host, from, file)
		await file.write(new TextEncoder().encode(addition), size)
		await file.sync()
	})
	const changed = await hashFile(host, temp)
	await host.disk.rename(temp, layout.blob(changed.digest))
	return changed
}

/**
 * One more line's end means nothing in configurations, scripts and sources. Not so where a file means something by being
 * empty (a masked unit of systemd), after the end of PHP's code (it would be output), and in what is no text.
 */
export function additionTo(end: string | undefined): string {
	if (end === undefined || end === "" || /\?>\s*$/.test(end)) return ""
	return end.endsWith("\r\n") ? "\r\n" : "\n"
}

/** The last characters of a file; undefined when it is no UTF-8 text. */
async function readTextEnd(host: Host, path: string): Promise<string | undefined> {
	const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
	let end = ""
	let isText = true
	const add = (piece?: Uint8Array) => {
		if (!isText) return
		try {
			const text = piece ? decoder.decode(piece, { stream: true }) : decoder.decode()
			isText = !text.includes("\0")
			end = (end + text).slice(-END)
		} catch {
			// What `fatal` says of bytes that are no UTF-8.
			isText = false
		}
	}
	await withFile(host.disk.open(path, "read"), async (file) => {
		const buffer = new Uint8Array(PIECE)
		let at = 0
		for (let count = -1; count !== 0 && isText; at += count) {
			count = await file.read(buffer, at)
			add(buffer.subarray(0, count))
		}
	})
	add()
	return isText ? end : undefined
}
