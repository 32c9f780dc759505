import { pipeline, Readable } from "node:stream"
import { createGunzip } from "node:zlib"
import type { Content } from "../../protocol/runner-port.ts"
import { FailureError } from "../../schema/failure.ts"

/**
 * A gzipped content as it was. It is unpacked as it is read, a little at a time: however much it would become, a reader
 * that has enough stops, and no more is made. Fails with `upload-damaged` for what is not gzip, or not all of it.
 */
export async function* unpack(content: Content, digest: string): AsyncGenerator<Uint8Array> {
	const gunzip = createGunzip()
	// Whatever ends one end ends the other; the reader below is told why.
	pipeline(Readable.from(content, { objectMode: false }), gunzip, () => {})
	try {
		yield* gunzip as AsyncIterable<Buffer>
	} catch (error) {
		if (!(error as NodeJS.ErrnoException).code?.startsWith("Z_")) throw error
		throw new FailureError("upload-damaged", { path: digest }, { cause: error })
	}
}
