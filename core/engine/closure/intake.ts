import type { MaskStream } from "../redact/mask-stream.ts"
import type { Secrets } from "../redact/secrets.ts"
import { type CommandOutput, KEPT_BYTES, LIVE_BYTES } from "./command-output.ts"
import { LastBytes, type Piece } from "./last-bytes.ts"
import type { OutputStream } from "./shell-port.ts"

/** Where the bytes of one command come in. */
export interface Intake {
	/** The bytes may be used again by the caller afterwards. */
	push(stream: OutputStream, bytes: Uint8Array): void
	/** The command has ended; `variables` as the shell told them. */
	end(variables: readonly Uint8Array[] | undefined): void
}

const STREAMS = ["stdout", "stderr"] as const

/** Straight through without secrets; masked on the way; or held until it is known what must be masked. */
export function createIntake(output: CommandOutput, secrets: Secrets | undefined): Intake {
	if (!secrets || secrets.isEmpty) return { push: (stream, bytes) => output.push(stream, bytes), end: () => {} }
	if (secrets.names.length > 0) return new HeldIntake(output, secrets)
	const streams = maskStreams(output, secrets)
	return {
		push: (stream, bytes) => streams[stream].push(bytes),
		end: () => flush(streams),
	}
}

function maskStreams(output: CommandOutput, secrets: Secrets): Record<OutputStream, MaskStream> {
	return {
		stdout: secrets.createStream((bytes) => output.push("stdout", bytes)),
		stderr: secrets.createStream((bytes) => output.push("stderr", bytes)),
	}
}

function flush(streams: Record<OutputStream, MaskStream>): void {
	for (const stream of STREAMS) streams[stream].flush()
}

/**
 * Output of a command that may itself set what must be masked: its beginning and its end are held until it has ended,
 * as much of both as is ever reported.
 */
class HeldIntake implements Intake {
	readonly #output: CommandOutput
	readonly #secrets: Secrets
	readonly #first: Piece[] = []
	#room = LIVE_BYTES
	readonly #last = new LastBytes(KEPT_BYTES)
	readonly #taken = { stdout: 0, stderr: 0 }

	constructor(output: CommandOutput, secrets: Secrets) {
		this.#output = output
		this.#secrets = secrets
	}

	push(stream: OutputStream, bytes: Uint8Array): void {
		this.#taken[stream] += bytes.length
		const first = bytes.slice(0, this.#room)
		this.#room -= first.length
		if (first.length > 0) this.#first.push({ stream, bytes: first, order: 0 })
		if (first.length < bytes.length) this.#last.push(stream, bytes.subarray(first.length))
	}

	end(variables: readonly Uint8Array[] | undefined): void {
		if (variables && this.#secrets.learn(variables)) this.#tell()
		else this.#leaveOut()
	}

	#tell(): void {
		const streams = maskStreams(this.#output, this.#secrets)
		for (const { stream, bytes } of this.#first) streams[stream].push(bytes)
		const pieces = this.#last.pieces()
		for (const stream of STREAMS) {
			const dropped = this.#last.dropped(stream)
			if (dropped === 0) continue
			const next = pieces.flatMap((piece) => (piece.stream === stream ? [piece.bytes] : []))
			this.#output.skip(stream, dropped + streams[stream].cut(next))
		}
		for (const { stream, bytes } of pieces) streams[stream].push(bytes)
		flush(streams)
	}

	/** Nobody knows what to mask. */
	#leaveOut(): void {
		if (this.#taken.stdout + this.#taken.stderr === 0) return
		for (const stream of STREAMS) this.#output.skip(stream, this.#taken[stream])
		const names = this.#secrets.names.map((name) => `$${name}`).join(", ")
		const text = `[output left out: the shell could not tell what to mask for ${names}]\n`
		this.#output.push("stderr", new TextEncoder().encode(text))
	}
}
