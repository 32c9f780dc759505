import { FailureError } from "../schema/failure.ts"

/** Bytes both ways: the pipes of a child process, an SSH channel, two queues in a test. */
export interface ByteStream {
	/** Ends when the far side has; throws when the stream broke. Read once. */
	read: AsyncIterable<Uint8Array>
	/** Resolves when more may be written; rejects when the stream broke. */
	write(bytes: Uint8Array): Promise<void>
	/** Ends both directions; may be called again. */
	close(): Promise<void>
}

/** What is needed of a Node stream to write to: said here so that this folder needs no Node. */
export interface WritableLike {
	write(bytes: Uint8Array, written: (error?: Error | null) => void): boolean
	end(): unknown
	on(event: "error", listener: (error: Error) => void): unknown
}

/** What is needed of a Node stream to read from. */
export interface ReadableLike extends AsyncIterable<Uint8Array> {
	destroy(): unknown
	on(event: "error", listener: (error: Error) => void): unknown
}

/** Carries bytes over two Node streams (or one duplex given twice). Every error of theirs becomes `connection-lost`. */
export function makeByteStream(readable: ReadableLike, writable: WritableLike): ByteStream {
	let broken: Error | undefined
	let closed = false
	const lost = (cause: unknown) => new FailureError("connection-lost", {}, { cause })
	const onError = (error: Error) => {
		broken ??= error
	}
	// Without listeners an error that comes between two calls would end the whole program.
	readable.on("error", onError)
	writable.on("error", onError)
	return {
		read: readOf(readable, lost),
		write: (bytes) =>
			new Promise((resolve, reject) => {
				if (broken || closed) return reject(lost(broken))
				writable.write(bytes, (error) => (error ? reject(lost(error)) : resolve()))
			}),
		close: async () => {
			if (closed) return
			closed = true
			writable.end()
			readable.destroy()
		},
	}
}

async function* readOf(readable: ReadableLike, lost: (cause: unknown) => FailureError): AsyncIterable<Uint8Array> {
	try {
		yield* readable
	} catch (error) {
		throw lost(error)
	}
}
