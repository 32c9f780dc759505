import { type FilePiece, MAX_FILE_PIECE } from "../../protocol/file-calls.ts"
import type { RunnerPort } from "../../protocol/runner-port.ts"
import { MAX_FETCHED_BYTES } from "../../schema/appliance-files.ts"
import { FailureError } from "../../schema/failure.ts"
import { digestOf } from "../digest.ts"

/**
 * A file of an appliance, piece by piece, all of one state of it; resolves to its facts. Fails with `changed-meanwhile`, and
 * with `file-unreadable` above `limitBytes`, whatever size it claimed to have.
 */
export async function fetchFile(
	port: Pick<RunnerPort, "readFile">,
	path: string,
	take: (piece: Buffer) => Promise<void>,
	limitBytes = MAX_FETCHED_BYTES,
): Promise<FilePiece> {
	let position = 0
	let seen: FilePiece["seen"] | undefined
	for (;;) {
		const piece = await port.readFile({ path, position, length: MAX_FILE_PIECE, ...(seen && { seen }) })
		const bytes = Buffer.from(piece.bytes, "base64")
		position += bytes.length
		if (piece.size > limitBytes || position > limitBytes)
			throw new FailureError("file-unreadable", { path, reason: "too-large", limitBytes })
		requireProgress(bytes, piece.isEnd, path)
		await take(bytes)
		if (piece.isEnd) return piece
		seen = piece.seen
	}
}

/**
 * What was applied or replaced, while the appliance keeps it; undefined where it has not the bytes of its digest any more.
 * Fails with `not-found` where it keeps nothing of that name.
 */
export async function fetchApplied(
	port: Pick<RunnerPort, "readContent">,
	digest: string,
	limitBytes: number,
): Promise<Buffer | "too-large" | undefined> {
	const pieces: Buffer[] = []
	let position = 0
	for (let isEnd = false; !isEnd; ) {
		const piece = await port.readContent({ digest, position, length: MAX_FILE_PIECE })
		const bytes = Buffer.from(piece.bytes, "base64")
		isEnd = piece.isEnd
		requireProgress(bytes, isEnd, digest)
		position += bytes.length
		if (position > limitBytes) return "too-large"
		pieces.push(bytes)
	}
	const whole = Buffer.concat(pieces)
	return digestOf(whole) === digest ? whole : undefined
}

/** A hostile runner could send nothing for ever. */
function requireProgress(bytes: Buffer, isEnd: boolean, path: string): void {
	if (bytes.length === 0 && !isEnd)
		throw new FailureError("runner-incompatible", { reason: `an empty piece of ${path}` })
}
