import { createHash } from "node:crypto"
import { openRegular, PIECE_BYTES } from "./source-path.ts"
import { type FoundSource, type SourceProblem, unreadableSource } from "./walk-sources.ts"

/** A source as it was read just now. */
export interface DigestedSource extends FoundSource {
	digest: string
	/** Bytes that the digest was taken over. */
	size: number
}

/** Files read at once: enough to keep a disk busy, few enough for its memory and descriptors. */
const AT_ONCE = 8

/** Reads every file once; what cannot be read is a problem, not the end. */
export async function digestSources(
	found: FoundSource[],
): Promise<{ sources: DigestedSource[]; problems: SourceProblem[] }> {
	const sources: (DigestedSource | undefined)[] = []
	const problems: SourceProblem[] = []
	const queue = found.entries()
	const digestRest = async () => {
		for (const [index, file] of queue) {
			try {
				sources[index] = { ...file, ...(await digestFile(file.path)) }
			} catch (error) {
				problems.push({ target: file.target, ...unreadableSource(error) })
			}
		}
	}
	await Promise.all(Array.from({ length: AT_ONCE }, digestRest))
	return { sources: sources.filter((source) => source !== undefined), problems }
}

/** One buffer for the whole file: its size costs no memory. */
async function digestFile(path: string): Promise<{ digest: string; size: number }> {
	const hash = createHash("sha256")
	const buffer = Buffer.alloc(PIECE_BYTES)
	let size = 0
	const file = await openRegular(path)
	try {
		for (;;) {
			// Every argument: without a length Node 18 reads nothing and says that the file is empty.
			const { bytesRead } = await file.read(buffer, 0, buffer.length, size)
			if (bytesRead === 0) break
			hash.update(buffer.subarray(0, bytesRead))
			size += bytesRead
		}
	} finally {
		await file.close()
	}
	return { digest: hash.digest("hex"), size }
}
