import { pipeline, Readable } from "node:stream"
import { promisify } from "node:util"
import { constants, createGzip, type Gzip, gzip } from "node:zlib"
import type { Packing } from "../protocol/runner-calls.ts"
import type { Content } from "../protocol/runner-port.ts"

/** A content as it travels. */
export interface PackedContent {
	packing: Packing
	content: Content
	/** Gives up what has not been read; to be called in any case. */
	close(): Promise<void>
}

/** The fastest: what it leaves to better levels is less than what the link would have sent meanwhile. */
const level = constants.Z_BEST_SPEED
/** Bytes that tell whether a content shrinks. */
const TRIED = 64 * 1024
/** A content smaller than this is not worth a try. */
const SMALLEST = 256

/** Packs a content of `size` bytes if its beginning shrinks by an eighth. `onTaken` hears of its own bytes as they are read. */
export async function packContent(
	content: Content,
	size: number,
	onTaken: (bytes: number) => void = () => undefined,
): Promise<PackedContent> {
	const pieces = content[Symbol.asyncIterator]()
	const close = async () => void (await pieces.return?.())
	try {
		const first = await pieces.next()
		const begin = first.done ? new Uint8Array(0) : first.value
		async function* whole(): Content {
			if (begin.length > 0) onTaken(begin.length)
			yield begin
			for await (const piece of { [Symbol.asyncIterator]: () => pieces }) {
				onTaken(piece.length)
				yield piece
			}
		}
		const shrinks = size >= SMALLEST && (await doesShrink(begin.subarray(0, TRIED)))
		if (!shrinks) return { packing: "none", content: whole(), close }
		const packed = gzipped(whole())
		return { packing: "gzip", content: packed, close: () => close().finally(() => packed.destroy()) }
	} catch (error) {
		await close()
		throw error
	}
}

async function doesShrink(begin: Uint8Array): Promise<boolean> {
	const packed = await promisify(gzip)(begin, { level })
	return packed.length <= begin.length * (7 / 8)
}

function gzipped(content: Content): Gzip {
	// Whatever ends one end ends the other; the reader is told why.
	return pipeline(Readable.from(content, { objectMode: false }), createGzip({ level }), () => {})
}
