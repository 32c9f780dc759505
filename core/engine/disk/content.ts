import type { Host, OpenFile } from "../host.ts"

/** Memory for one file under way; whatever its size. */
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
	return eachPiece(host, file, async () => {})
}

/** Writes a file's content into an open file from its beginning; the digest is of exactly the bytes written. */
export async function copyInto(host: Host, from: string, to: OpenFile): Promise<Content> {
	return withFile(host.disk.open(from, "read"), (file) => eachPiece(host, file, (piece, at) => to.write(piece, at)))
}

/** All of a small file; undefined when there is none. Throws when it has more than `limit` bytes. */
export async function readSmallFile(host: Host, path: string, limit = 64 << 20): Promise<Uint8Array | undefined> {
	const stat = await host.disk.lstat(path)
	if (!stat) return undefined
	if (stat.kind !== "file" || stat.size > limit) throw new Error(`cannot read ${path}: it is no file of the engine's`)
	return withFile(host.disk.open(path, "read"), async (file) => {
		const bytes = new Uint8Array(stat.size)
		let done = 0
		for (let count = -1; count !== 0 && done < bytes.length; done += count) {
			count = await file.read(bytes.subarray(done), done)
		}
		return bytes.subarray(0, done)
	})
}

async function eachPiece(
	host: Host,
	file: OpenFile,
	use: (piece: Uint8Array, position: number) => Promise<void>,
): Promise<Content> {
	const hash = host.createHash()
	const size = await readPieces(file, async (piece, position) => {
		hash.update(piece)
		await use(piece, position)
	})
	return { digest: hash.digest(), size }
}

/** Reads an open file from its beginning to its end, one piece after the other; how many bytes there were. */
export async function readPieces(
	file: OpenFile,
	use: (piece: Uint8Array, position: number) => Promise<void>,
): Promise<number> {
	const { size: expected } = await file.stat()
	const buffer = new Uint8Array(Math.max(1, Math.min(PIECE, expected)))
	let size = 0
	for (;;) {
		const count = await file.read(buffer, size)
		if (count === 0) return size
		await use(buffer.subarray(0, count), size)
		size += count
	}
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
