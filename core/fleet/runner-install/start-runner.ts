import { randomBytes } from "node:crypto"
import type { ByteStream } from "../../protocol/byte-stream.ts"
import { failureErrorOf } from "../../protocol/messages.ts"
import type { Become } from "../../schema/appliance.ts"
import { FailureError } from "../../schema/failure.ts"
import { DEFAULT_STATE_FOLDER } from "../../schema/state-folder.ts"
import type { Credentials } from "../ssh/credentials.ts"
import { createDeadline, type Deadline } from "../ssh/deadline.ts"
import type { RemoteProgram } from "../ssh/remote-program.ts"
import type { Session } from "../ssh/session.ts"
import { makeBootstrapCommand, RUNTIMES } from "./bootstrap.ts"
import { packBundle, type RunnerBundle } from "./bundle.ts"
import { classifyStartFailure, needsSudoPassword, type StartState } from "./classify-start-failure.ts"
import type { Runtimes } from "./runtimes.ts"
import { createSudoPrompt, type SudoPrompt } from "./sudo-prompt.ts"
import { createTokenReader, type TokenReader } from "./token-reader.ts"

export interface StartRunnerOptions {
	bundle: RunnerBundle
	/** What can be brought to an appliance without Node. */
	runtimes: Runtimes
	credentials: Credentials
	/** See `SessionDeps`. */
	isAwaited?: (() => boolean) | undefined
	become: Become
	/** The appliance's own default when absent. */
	stateFolder?: string | undefined
	logFile?: string | undefined
	signal?: AbortSignal | undefined
	/** Bytes of the runtime, then of the runner itself; not called for what lies there already. */
	onProgress?: ((what: "runtime" | "runner", sentBytes: number, totalBytes: number) => void) | undefined
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
		return launch(session, options, createSudoPrompt(session, options))
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
		carried: options.runtimes.list,
		become: options.become === "none" ? undefined : { program: options.become, ...(prompt && { prompt: prompt.text }) },
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
		const mask = prompt?.mask ?? ((text: string) => text)
		const installing = { ...options, content, restart, stop, mask, patiently: deadline.without }
		await Promise.race([install(session, program, reader, installing), stopped])
		prompt?.accepted()
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

interface Installing extends StartRunnerOptions {
	/** The packed runner. */
	content: Buffer
	/** The appliance has said something, or taken something: it is not silent. */
	restart(): void
	/** Waits for what this computer has to do, whose time is not the appliance's. */
	patiently: Deadline["without"]
	/** What may be told of what the far side said. */
	mask(text: string): string
	stop(failure: unknown): void
}

/** Follows the bootstrap's words until the runner is being started. */
async function install(
	session: Session,
	program: RemoteProgram,
	reader: TokenReader,
	options: Installing,
): Promise<void> {
	const asked = new Set<string | undefined>()
	let runtime: string | undefined
	for (;;) {
		const words = await reader.next()
		options.restart()
		if (words?.[0] === "HAVE") return
		if (words?.[0] !== "NEED") {
			const error = await failureOf(session, program, reader, options, words)
			const isDamaged = error instanceof FailureError && error.failure.code === "upload-damaged"
			if (isDamaged && runtime !== undefined) await options.runtimes.forget(runtime)
			throw error
		}
		runtime = words[1]
		if (asked.has(runtime)) throw new FailureError("runner-failed", { reason: "it asks for the same program twice" })
		asked.add(runtime)
		if (runtime === undefined) sendRunner(program, options)
		else await sendRuntime(runtime, program, options)
	}
}

function sendRunner(program: RemoteProgram, options: Installing): void {
	const { content } = options
	const tell = (sentBytes: number) => options.onProgress?.("runner", sentBytes, content.length)
	send(program, piecesOf(content), tell, options)
}

/** The appliance waits meanwhile: packing takes seconds, the first time. */
async function sendRuntime(name: string, program: RemoteProgram, options: Installing): Promise<void> {
	options.onProgress?.("runtime", 0, 0)
	const { file, size } = await options.patiently(() =>
		options.runtimes.open(name).catch((error) => {
			throw failureErrorOf(error)
		}),
	)
	// Ended by its reader, it closes the file.
	const pieces = file.createReadStream({ highWaterMark: PIECE })
	await program.write(Buffer.from(`${size}\n`)).catch((error) => {
		pieces.destroy()
		unlessLost(error)
	})
	const tell = (sentBytes: number) => options.onProgress?.("runtime", sentBytes, size)
	send(program, pieces, tell, options)
}

function* piecesOf(content: Buffer): Generator<Buffer> {
	for (let at = 0; at < content.length; at += PIECE) yield content.subarray(at, at + PIECE)
}

/** Sends while the next word is awaited: an appliance that gives up says why. */
function send(
	program: RemoteProgram,
	pieces: AsyncIterable<Buffer> | Iterable<Buffer>,
	tell: (sentBytes: number) => void,
	{ restart, stop }: Installing,
): void {
	const work = async () => {
		let sentBytes = 0
		for await (const piece of pieces) {
			await program.write(piece)
			restart()
			sentBytes += piece.length
			tell(sentBytes)
		}
	}
	work()
		.catch(unlessLost)
		.catch((error) => stop(failureErrorOf(error)))
}

/** What the bootstrap says next counts; a write that fails because it gave up does not. */
function unlessLost(error: unknown): void {
	if (!(error instanceof FailureError) || error.failure.code !== "connection-lost") throw error
}

async function failureOf(
	session: Session,
	program: RemoteProgram,
	reader: TokenReader,
	options: Pick<Installing, "stateFolder" | "become" | "mask">,
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
		words: words?.map(options.mask),
		stdout: options.mask(reader.noise()),
		stderr: options.mask(program.stderr()),
		end,
	}
	return needsSudoPassword(state) ? new NeedsSudoPassword() : classifyStartFailure(state)
}

async function drain(reader: TokenReader): Promise<void> {
	while (await reader.next()) {
		// Nothing that comes after a failure counts.
	}
}
