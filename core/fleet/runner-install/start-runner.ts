import { randomBytes } from "node:crypto"
import type { ByteStream } from "../../protocol/byte-stream.ts"
import type { Become } from "../../schema/appliance.ts"
import { FailureError } from "../../schema/failure.ts"
import { DEFAULT_STATE_FOLDER } from "../../schema/state-folder.ts"
import type { Credentials } from "../ssh/credentials.ts"
import { createDeadline } from "../ssh/deadline.ts"
import type { RemoteProgram } from "../ssh/remote-program.ts"
import type { Session } from "../ssh/session.ts"
import { makeBootstrapCommand, RUNTIMES } from "./bootstrap.ts"
import { packBundle, type RunnerBundle } from "./bundle.ts"
import { classifyStartFailure, needsSudoPassword, type StartState } from "./classify-start-failure.ts"
import { createSudoPrompt, type SudoPrompt } from "./sudo-prompt.ts"
import { createTokenReader, type TokenReader } from "./token-reader.ts"

export interface StartRunnerOptions {
	bundle: RunnerBundle
	credentials: Credentials
	become: Become
	/** The appliance's own default when absent. */
	stateFolder?: string | undefined
	logFile?: string | undefined
	signal?: AbortSignal | undefined
	/** Bytes of the runner itself; not called where it lies there already. */
	onProgress?: ((sentBytes: number, totalBytes: number) => void) | undefined
}

/** The runner's end of a session: its bytes, the nonce its first line carries, and what it says on standard error. */
export interface StartedRunner {
	stream: ByteStream
	nonce: string
	program: RemoteProgram
}

/** Bytes written at once; small enough to tell progress on a slow link. */
const PIECE = 32 * 1024
/** How long an appliance may keep silent while the runner is looked for, stored and started. */
const SILENCE_MS = 45_000

/**
 * Brings the runner to the appliance where it lacks it, has its digest verified there, and starts `serve`: in one
 * command, so that a warm appliance costs one round trip.
 */
export async function startRunner(session: Session, options: StartRunnerOptions): Promise<StartedRunner> {
	try {
		return await launch(session, options)
	} catch (error) {
		if (!(error instanceof NeedsSudoPassword)) throw error
		return launch(session, options, createSudoPrompt(session, options.credentials))
	}
}

class NeedsSudoPassword extends Error {}

async function launch(session: Session, options: StartRunnerOptions, prompt?: SudoPrompt): Promise<StartedRunner> {
	const content = await packBundle(options.bundle)
	const nonce = randomBytes(16).toString("hex")
	const command = makeBootstrapCommand({
		nonce,
		stateFolder: options.stateFolder,
		logFile: options.logFile,
		digest: options.bundle.digest,
		size: content.length,
		runtimes: RUNTIMES,
		sudo: options.become === "sudo" ? (prompt ? { prompt: prompt.text } : {}) : undefined,
	})
	const deadline = createDeadline()
	const { promise: stopped, reject: stop } = Promise.withResolvers<never>()
	stopped.catch(() => undefined)
	const { host, port } = session.facts
	const expire = () => stop(new FailureError("timed-out", { host, port, phase: "answer", seconds: SILENCE_MS / 1000 }))
	const onAbort = () => stop(new FailureError("cancelled", { what: "the connection" }))
	const listening = prompt ? { onStderr: (text: string) => prompt.see(text, deadline, stop) } : {}
	const program = await session.exec(command, listening)
	const reader = createTokenReader(program.read, nonce)
	options.signal?.addEventListener("abort", onAbort)
	try {
		prompt?.attach(program)
		deadline.start(SILENCE_MS, expire)
		const restart = () => deadline.start(SILENCE_MS, expire)
		await Promise.race([install(session, program, reader, { ...options, content, restart }), stopped])
	} catch (error) {
		await program.close()
		await prompt?.rejected()
		throw error
	} finally {
		options.signal?.removeEventListener("abort", onAbort)
		deadline.stop()
	}
	return { nonce, program, stream: { read: reader.rest(), write: program.write, close: program.close } }
}

/** Follows the bootstrap's words until the runner is being started. */
async function install(
	session: Session,
	program: RemoteProgram,
	reader: TokenReader,
	options: StartRunnerOptions & { content: Buffer; restart: () => void },
): Promise<void> {
	for (;;) {
		const words = await reader.next()
		options.restart()
		if (words?.[0] === "HAVE") return
		if (words?.[0] !== "NEED") throw await failureOf(session, program, reader, options, words)
		// What the bootstrap says next counts; a write that fails because it gave up does not.
		send(program, options).catch(() => undefined)
	}
}

async function send(program: RemoteProgram, options: StartRunnerOptions & { content: Buffer; restart: () => void }) {
	const { content, onProgress, restart } = options
	for (let at = 0; at < content.length; at += PIECE) {
		const piece = content.subarray(at, at + PIECE)
		await program.write(piece)
		restart()
		onProgress?.(at + piece.length, content.length)
	}
}

async function failureOf(
	session: Session,
	program: RemoteProgram,
	reader: TokenReader,
	options: StartRunnerOptions,
	words: string[] | undefined,
): Promise<Error> {
	// To the end, so that all of standard error has come too. Where the connection is lost the words still count.
	const end = await drain(reader)
		.then(() => program.ended)
		.catch((error) => {
			if (words) return undefined
			throw error
		})
	const state: StartState = {
		host: session.facts.host,
		user: session.facts.user,
		stateFolder: options.stateFolder ?? DEFAULT_STATE_FOLDER,
		become: options.become,
		words,
		stdout: reader.noise(),
		stderr: program.stderr(),
		end,
	}
	return needsSudoPassword(state) ? new NeedsSudoPassword() : classifyStartFailure(state)
}

async function drain(reader: TokenReader): Promise<void> {
	while (await reader.next()) {
		// Nothing that comes after a failure counts.
	}
}
