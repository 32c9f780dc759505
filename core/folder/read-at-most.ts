import type { FileHandle } from "node:fs/promises"

/** The file may grow meanwhile. */
export async function readAtMost(file: FileHandle, limit: number): Promise<Buffer> {
	const pieces: Buffer[] = []
	for (let size = 0; size < limit; ) {
		const buffer = Buffer.alloc(Math.min(1 << 16, limit - size))
		// Trap: without a length Node 18 reads nothing and says that the file is at its end.
		const { bytesRead } = await file.read(buffer, 0, buffer.length, null)
		if (bytesRead === 0) break
		size += bytesRead
		pieces.push(buffer.subarray(0, bytesRead))
	}
	return Buffer.concat(pieces)
}
