import { randomUUID } from "node:crypto"
import { appendFile, mkdir, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { FailureError } from "../../schema/failure.ts"
import { isMissing, onDisk } from "./files/disk-failure.ts"
import { TOO_LARGE_BYTES } from "./publish-findings.ts"

/** Uploads that are open at once; more are a client's mistake. */
const MAX_OPEN = 10_000

/** Contents that a client has no path for (a browser's file), put together from pieces until they are added. */
export function createUploads(dataFolder: string) {
	const place = join(dataFolder, "uploads", String(process.pid))
	const open = new Map<string, { size: number }>()
	const refuse = (reason: string, more = {}) => new FailureError("source-refused", { reason, ...more })
	return {
		/** Appends a piece; without `upload` a new one begins. */
		async put(upload: string | undefined, piece: Uint8Array): Promise<{ upload: string; size: number }> {
			const id = upload ?? randomUUID()
			const one = upload === undefined ? { size: 0 } : open.get(id)
			if (!one || open.size >= MAX_OPEN) throw refuse("not-uploaded")
			if (one.size + piece.length > TOO_LARGE_BYTES) throw refuse("too-large", { limitBytes: TOO_LARGE_BYTES })
			one.size += piece.length
			await onDisk(place, async () => {
				await mkdir(place, { recursive: true, mode: 0o700 })
				await appendFile(join(place, id), piece, { mode: 0o600 })
			})
			open.set(id, one)
			return { upload: id, size: one.size }
		},
		find: (upload: string): string | undefined => (open.has(upload) ? join(place, upload) : undefined),
		async remove(upload: string): Promise<void> {
			if (open.delete(upload)) await rm(join(place, upload), { force: true })
		},
		/** Removes all of this program's; the folder of one that was killed goes with the next of the same number. */
		async close(): Promise<void> {
			open.clear()
			if (await stat(place).catch(isMissing)) await rm(place, { recursive: true, force: true })
		},
	}
}
