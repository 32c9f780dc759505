import { createHash } from "node:crypto"
import type { FileHandle } from "node:fs/promises"
import type { SourceProblem } from "../schema/source-findings.ts"
import { openRegular, PIECE_BYTES } from "./source-path.ts"
import { type FoundSource, unreadableSource } from "./walk-sources.ts"

/** A source as it was read just now. */
export interface DigestedSource extends FoundSource {
	digest: string
	/** Bytes that the digest was taken over. */
	size: number
	/** The file that was read; absent when it changed meanwhile, or so shortly before that nobody could tell. */
	seen?: SeenFile
}

/** Any change of a file gives it another `ctime`. */
export interface SeenFile {
	device: bigint
	inode: bigint
	/** Nanoseconds since 1970. */
	ctimeNs: bigint
}

/** Digests by path of files that were known exactly; whoever reads a folder again and again keeps one. */
export type DigestCache = Map<string, { digest: string; size: number; seen: SeenFile }>

/** File systems stamp times with the last tick of a clock; two changes within one tick look alike. */
const TICK_MS = 1000

/** Files read at once: enough to keep a disk busy, few enough for its memory and descriptors. */
const AT_ONCE = 8

/** Reads every file once; what cannot be read is a problem, not the end. */
export async function digestSources(
	found: FoundSource[],
	cache?: DigestCache,
): Promise<{ sources: DigestedSource[]; problems: SourceProblem[] }> {
	const sources: (DigestedSource | undefined)[] = []
	const problems: SourceProblem[] = []
	const queue = found.entries()
	const digestRest = async () => {
		for (const [index, file] of queue) {
			try {
				sources[index] = { ...file, ...(await digestFile(file.path, cache)) }
			} catch (error) {
				problems.push({ target: file.target, ...unreadableSource(error) })
			}
		}
	}
	await Promise.all(Array.from({ length: AT_ONCE }, digestRest))
	return { sources: sources.filter((source) => source !== undefined), problems }
}

/** Digest of one file by its real path; read only where the cache does not know it exactly. */
export async function digestFile(
	path: string,
	cache?: DigestCache,
): Promise<{ digest: string; size: number; seen?: SeenFile }> {
	const startedAt = Date.now()
	const file = await openRegular(path)
	try {
		const before = await look(file)
		const known = cache?.get(path)
		if (known && isSame(known.seen, before)) return known
		const content = await digestOpen(file, Math.max(1, Math.min(PIECE_BYTES, before.size)))
		const isStill = isSame(before, await look(file))
		const isOld = Number(before.ctimeNs / 1_000_000n) < startedAt - TICK_MS
		if (!isStill || !isOld) return content
		const { device, inode, ctimeNs } = before
		const exact = { ...content, seen: { device, inode, ctimeNs } }
		cache?.set(path, exact)
		return exact
	} finally {
		await file.close()
	}
}

function isSame(a: SeenFile, b: SeenFile): boolean {
	return a.device === b.device && a.inode === b.inode && a.ctimeNs === b.ctimeNs
}

async function look(file: FileHandle): Promise<SeenFile & { size: number }> {
	const { dev, ino, ctimeNs, size } = await file.stat({ bigint: true })
	return { device: dev, inode: ino, ctimeNs, size: Number(size) }
}

/** Two buffers for the whole file, whatever its size: while one is hashed, the other is read into. */
async function digestOpen(file: FileHandle, piece: number): Promise<{ digest: string; size: number }> {
	const hash = createHash("sha256")
	let buffer = Buffer.allocUnsafe(piece)
	let other = Buffer.allocUnsafe(piece)
	// Trap: without a length Node 18 reads nothing and says that the file is at its end.
	const readNext = (into: Buffer) => file.read(into, 0, into.length, null)
	let size = 0
	for (let { bytesRead } = await readNext(buffer); bytesRead > 0; ) {
		const reading = readNext(other)
		hash.update(buffer.subarray(0, bytesRead))
		size += bytesRead
		bytesRead = (await reading).bytesRead
		const next = other
		other = buffer
		buffer = next
	}
	return { digest: hash.digest("hex"), size }
}
