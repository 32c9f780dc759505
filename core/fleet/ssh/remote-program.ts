import type { ClientChannel } from "ssh2"
import type { ByteStream } from "../../protocol/byte-stream.ts"
import { FailureError } from "../../schema/failure.ts"

/** How a remote command ended, as the far side told it. */
export type ProgramEnd = { exit: number } | { signal: string }

/** A command that runs on the appliance: its standard input and output as a byte stream, raw bytes both ways. */
export interface RemoteProgram extends ByteStream {
	/** Rejects with `connection-lost` when nobody said how it ended: a cut command is never a success. */
	readonly ended: Promise<ProgramEnd>
	/** The last `STDERR_BYTES` of standard error so far. */
	stderr(): string
	/** Ends its standard input. */
	endInput(): void
}

export const STDERR_BYTES = 64 * 1024

export function createRemoteProgram(
	channel: ClientChannel,
	options: {
		onStderr?: (text: string) => void
		/** The connection's end, and the failure that it is for this program. */
		ended: Promise<unknown>
		lostFailure: () => FailureError
	},
): RemoteProgram {
	const { promise: ended, resolve, reject } = Promise.withResolvers<ProgramEnd>()
	// Callers that only read or write get the failure there.
	ended.catch(() => undefined)
	let errors = Buffer.alloc(0)
	let end: ProgramEnd | undefined
	let failure: FailureError | undefined
	// ssh2 forgets the callback of a write on a channel that closes.
	const writes = new Set<(failure: FailureError) => void>()
	const settle = () => {
		failure ??= end ? new FailureError("connection-lost", { reason: "the program has ended" }) : options.lostFailure()
		if (end) resolve(end)
		else reject(failure)
		for (const fail of writes) fail(failure)
		writes.clear()
	}
	channel.on("error", (error: Error) => {
		failure ??= new FailureError("connection-lost", { reason: error.message.toLowerCase() }, { cause: error })
	})
	channel.on("exit", (...told: [number] | [null, string]) => {
		end = told[0] === null ? { signal: told[1] } : { exit: told[0] }
	})
	channel.on("close", settle)
	options.ended.then(settle)
	channel.stderr.on("data", (bytes: Buffer) => {
		errors = Buffer.concat([errors, bytes]).subarray(-STDERR_BYTES)
		options.onStderr?.(errors.toString("utf8"))
	})

	return {
		ended,
		read: readOf(channel, ended),
		write: (bytes) =>
			new Promise((done, fail) => {
				if (failure || !channel.writable) return fail(failure ?? options.lostFailure())
				writes.add(fail)
				channel.write(bytes, (error) => {
					writes.delete(fail)
					if (error) fail(options.lostFailure())
					else done()
				})
			}),
		stderr: () => errors.toString("utf8"),
		endInput: () => void channel.end(),
		async close() {
			channel.close()
		},
	}
}

/** Standard output to its end; a program that ended without saying how has not ended well, whatever it printed. */
async function* readOf(channel: ClientChannel, ended: Promise<ProgramEnd>): AsyncGenerator<Uint8Array> {
	try {
		for await (const chunk of channel) yield chunk as Buffer
	} catch (error) {
		throw new FailureError("connection-lost", { reason: "closed" }, { cause: error })
	}
	await ended
}
