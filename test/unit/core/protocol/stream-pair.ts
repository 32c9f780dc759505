import { PassThrough } from "node:stream"
import { type ByteStream, makeByteStream } from "../../../../core/protocol/byte-stream.ts"

/** Two ends of one wire in memory; `cut` breaks it as a network does. */
export function createStreamPair() {
	const there = new PassThrough()
	const back = new PassThrough()
	return {
		desktop: makeByteStream(back, there) as ByteStream,
		runner: makeByteStream(there, back) as ByteStream,
		there,
		back,
		cut() {
			there.destroy(new Error("cut"))
			back.destroy(new Error("cut"))
		},
	}
}
