import type { Host, OpenFile } from "../host.ts"
import { unlessAbsent } from "./disk-error.ts"
import { createEarlySync } from "./early-sync.ts"

/** Two, or three for a copy that is read back: the memory for one file under way, whatever its size. */
const PIECE = 1 << 20

export interface Content {
	digest: string
	/** Bytes. */
	size: number
}

/** Digest and size of a file as it is now. */
export async function hashFile(host: Host, path: string): Promise<Content> {
	return withFile(host.disk.open(path, "read"), (file) => hashOpen(host, file))
}

/** The same of an open file, whatever stands at its path by now. */
export async function hashOpen(host: Host, file: OpenFile): Promise<Content> {
	return hashPieces(host, file, async () => {})
}

/** Writes a file's content into an open file from its beginning; the digest is of exactly the bytes written. */
export async function copyInto(host: Host, from: string, to: OpenFile): Promise<Content> {
	return withFile(host.disk.open(from, "read"), (file) => copyPieces(host, file, to, async () => {}))
}

/** The same from an open file, and every byte read back and compared: the digest is of both files. */
export async function copyProved(host: Host, from: OpenFile, to: OpenFile): Promise<Content> {
	let back = new Uint8Array()
	return copyPieces(host, from, to, async (piece, at) => {
		if (back.length < piece.length) back = new Uint8Array(piece.length)
		for (let done = 0; done < piece.length; ) {
			const count = await to.read(back.subarray(done, piece.length), at + done)
			if (count === 0) break
			done += count
		}
		if (!host.isEqual(piece, back.subarray(0, piece.length)))
			throw new Error("the copy does not read back as it was written")
	})
}

/** The same without a digest; the bytes written. */
export async function copyUnhashed(from: OpenFile, to: OpenFile): Promise<number> {
	return withEarlySync(to, (write) => eachPiece(from, write))
}

async function copyPieces(
	host: Host,
	from: OpenFile,
	to: OpenFile,
	prove: (piece: Uint8Array, position: number) => Promise<void>,
): Promise<Content> {
	return withEarlySync(to, (write) =>
		hashPieces(host, from, async (piece, at) => {
			await write(piece, at)
			await prove(piece, at)
		}),
	)
}

type UsePiece = (piece: Uint8Array, position: number) => Promise<void>

async function withEarlySync<T>(to: OpenFile, copy: (write: UsePiece) => Promise<T>): Promise<T> {
	const early = createEarlySync(to)
	let copied: T
	try {
		copied = await copy(async (piece, at) => {
			await to.write(piece, at)
			early.wrote(piece.length)
		})
	} catch (error) {
		await early.end().catch(() => {})
		throw error
	}
	await early.end()
	return copied
}

async function hashPieces(host: Host, file: OpenFile, use: UsePiece): Promise<Content> {
	const hash = host.createHash()
	const size = await eachPiece(file, async (piece, at) => {
		const using = use(piece, at)
		hash.update(piece)
		await using
	})
	return { digest: hash.digest(), size }
}

/** All of a small file; undefined when there is none. Throws when it has more than `limit` bytes. */
export async function readSmallFile(host: Host, path: string, limit = 64 << 20): Promise<Uint8Array | undefined> {
	const stat = await host.disk.lstat(path)
	if (!stat) return undefined
	if (stat.kind !== "file" || stat.size > limit) throw new Error(`cannot read ${path}: it is no file of the engine's`)
	const file = await unlessAbsent(host.disk.open(path, "read"))
	if (!file) return undefined
	return withFile(Promise.resolve(file), () => readBytes(file, stat.size))
}

/** The first bytes of an open file; fewer where it ends before. */
export async function readBytes(file: OpenFile, size: number): Promise<Uint8Array> {
	const bytes = new Uint8Array(size)
	let done = 0
	for (let count = -1; count !== 0 && done < bytes.length; done += count)
		count = await file.read(bytes.subarray(done), done)
	return bytes.subarray(0, done)
}

/** While a piece is used, the next one is read. The size of all of them. */
async function eachPiece(file: OpenFile, use: UsePiece): Promise<number> {
	const { size: expected } = await file.stat()
	const length = Math.max(1, Math.min(PIECE, expected))
	let buffer = new Uint8Array(length)
	let other = new Uint8Array(length)
	let size = 0
	for (let count = await file.read(buffer, 0); count !== 0; ) {
		const reading = file.read(other, size + count)
		// Both have ended, whatever fails: nobody goes on with a file that the caller closes.
		const [used, read] = await Promise.allSettled([use(buffer.subarray(0, count), size), reading])
		if (used.status === "rejected") throw used.reason
		if (read.status === "rejected") throw read.reason
		size += count
		count = read.value
		const next = other
		other = buffer
		buffer = next
	}
	return size
}

/** Closes in any case; an error of closing counts only when all else went well. */
export async function withFile<T>(opening: Promise<OpenFile>, use: (file: OpenFile) => Promise<T>): Promise<T> {
	const file = await opening
	let result: T
	try {
		result = await use(file)
	} catch (error) {
		await file.close().catch(() => {})
		throw error
	}
	await file.close()
	return result
}
