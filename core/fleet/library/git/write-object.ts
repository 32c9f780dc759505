import { createHash, randomBytes } from "node:crypto"
import { createReadStream } from "node:fs"
import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { createDeflate } from "node:zlib"
import { FailureError } from "../../../schema/failure.ts"
import { syncFolder } from "../files/atomic-file.ts"
import { isMissing } from "../files/disk-failure.ts"
import { requirePlain } from "./own-repository.ts"
import { oidOf } from "./tree.ts"

// isomorphic-git holds a whole file in memory to write it, and syncs nothing.

/** Writes loose objects; `sync` makes their names durable and comes before any ref that leads to them. */
export function createObjectWriter(commonDir: string) {
	const folders = new Set<string>()

	const place = async (oid: string, head: string, content: () => Readable): Promise<void> => {
		const name = `objects/${oid.slice(0, 2)}/${oid.slice(2)}`
		const path = join(commonDir, name)
		await requirePlain(commonDir, name)
		if (((await stat(path).catch(isMissing))?.size ?? 0) > 0) return
		await mkdir(dirname(path), { recursive: true })
		// git itself clears up what is left of such names.
		const temporary = join(dirname(path), `tmp_obj_${randomBytes(6).toString("hex")}`)
		const file = await open(temporary, "wx", 0o444)
		try {
			const hash = createHash("sha1")
			await pipeline(withHead(head, content(), hash), createDeflate(), async (pieces: AsyncIterable<Buffer>) => {
				for await (const piece of pieces) await file.appendFile(piece)
			})
			if (hash.digest("hex") !== oid) throw new FailureError("changed-meanwhile", {})
			await file.sync()
			await rename(temporary, path)
			folders.add(dirname(path))
		} finally {
			await file.close()
			await rm(temporary, { force: true })
		}
	}

	return {
		async write(kind: "blob" | "tree" | "commit" | "tag", bytes: Uint8Array): Promise<string> {
			const oid = oidOf(kind, bytes)
			await place(oid, `${kind} ${bytes.length}\0`, () => Readable.from([bytes]))
			return oid
		},
		/** The file must be what it was when its `oid` and size were taken; `changed-meanwhile` otherwise. */
		async writeFile(path: string, oid: string, size: number): Promise<void> {
			await place(oid, `blob ${size}\0`, () => createReadStream(path)).catch((error) => {
				throw error instanceof FailureError ? new FailureError("changed-meanwhile", { path }) : error
			})
		},
		async sync(): Promise<void> {
			for (const folder of folders) await syncFolder(folder)
			if (folders.size > 0) await syncFolder(join(commonDir, "objects"))
			folders.clear()
		},
	}
}

async function* withHead(head: string, content: Readable, hash: ReturnType<typeof createHash>) {
	const bytes = Buffer.from(head)
	hash.update(bytes)
	yield bytes
	for await (const piece of content as AsyncIterable<Buffer>) {
		hash.update(piece)
		yield piece
	}
}

/** Name and size of an open file's content, without holding it in memory. */
export async function blobOidOf(file: FileHandle, size: number): Promise<string> {
	const hash = createHash("sha1").update(`blob ${size}\0`)
	let read = 0
	const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(256 * 1024, size)))
	for (;;) {
		const { bytesRead } = await file.read(buffer, 0, buffer.length, null)
		if (bytesRead === 0) break
		read += bytesRead
		hash.update(buffer.subarray(0, bytesRead))
	}
	if (read !== size) throw new FailureError("changed-meanwhile", {})
	return hash.digest("hex")
}
