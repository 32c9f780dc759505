import { createRemoteRunner } from "../../protocol/remote-runner.ts"
import type { Hello } from "../../protocol/runner-calls.ts"
import type { RunnerPort } from "../../protocol/runner-port.ts"
import type { Appliance } from "../../schema/appliance.ts"
import { type Failure, FailureError } from "../../schema/failure.ts"
import type { RunnerBundle } from "../runner-install/bundle.ts"
import { noRuntimes, type Runtimes } from "../runner-install/runtimes.ts"
import { type StartedRunner, startRunner } from "../runner-install/start-runner.ts"
import { openSession, type SessionDeps, type SessionFacts } from "./session.ts"

export interface ConnectDeps extends SessionDeps {
	runnerBundle: RunnerBundle
	/** What can be brought to an appliance without Node; nothing when absent. */
	runtimes?: Runtimes | undefined
	/** The state folder there; the appliance's own default when absent. */
	stateFolder?: string | undefined
	/** The standard log there; likewise. */
	logFile?: string | undefined
	/** Called when calls can be sent, before the runner has greeted: what is asked then takes no time of its own. */
	onStarted?: ((port: RunnerPort) => void) | undefined
	onProgress?: ((progress: ConnectProgress) => void) | undefined
}

/**
 * How far a connection is. Bytes as they travel, of the runtime or of the runner, and 0 in other steps; a runtime is still
 * being packed while `totalBytes` is 0. What lies there already has no step.
 */
export interface ConnectProgress {
	step: "connecting" | "runtime" | "installing" | "starting"
	sentBytes: number
	totalBytes: number
}

/** A runner on an appliance; its `close` ends the session too. */
export interface ConnectedRunner extends RunnerPort {
	readonly session: SessionFacts
}

/**
 * Signs in, brings the runner there where it is lacking, and starts it. Everything it throws is a `FailureError`; so is
 * everything that its calls throw. A connection that is lost later ends calls with `connection-lost`, and runs go on.
 */
export async function connectRunner(appliance: Appliance, deps: ConnectDeps): Promise<ConnectedRunner> {
	const tell = (step: ConnectProgress["step"], sentBytes = 0, totalBytes = 0) =>
		deps.onProgress?.({ step, sentBytes, totalBytes })
	tell("connecting")
	const session = await openSession(appliance, deps)
	try {
		const started = await startRunner(session, {
			bundle: deps.runnerBundle,
			runtimes: deps.runtimes ?? noRuntimes,
			credentials: deps.credentials,
			isAwaited: deps.isAwaited,
			become: appliance.become,
			stateFolder: deps.stateFolder,
			logFile: deps.logFile,
			signal: deps.signal,
			onProgress: (what, sent, total) => tell(what === "runtime" ? "runtime" : "installing", sent, total),
		})
		tell("starting")
		const port = createRemoteRunner(started.stream, { nonce: started.nonce })
		const greeting = helloOf(port, started, { host: appliance.host, port: appliance.port, signal: deps.signal })
		deps.onStarted?.(port)
		const hello = await greeting
		return {
			...port,
			session: session.facts,
			hello: async () => hello,
			async close() {
				await port.close()
				await session.close()
			},
		}
	} catch (error) {
		await session.close()
		throw error
	}
}

/** Seconds that a started runner has to answer. */
const ANSWER_SECONDS = 45

/** The runner's first answer, or why there is none: what it wrote on standard error says more than that it ended. */
async function helloOf(
	port: RunnerPort,
	{ program }: StartedRunner,
	{ signal, ...endpoint }: { host: string; port: number; signal: AbortSignal | undefined },
): Promise<Hello> {
	const { promise: stopped, reject: stop } = Promise.withResolvers<never>()
	const onAbort = () => stop(new FailureError("cancelled", { what: "the connection" }))
	const late = new FailureError("timed-out", { ...endpoint, phase: "answer", seconds: ANSWER_SECONDS })
	const timer = setTimeout(() => stop(late), ANSWER_SECONDS * 1000)
	signal?.addEventListener("abort", onAbort)
	try {
		return await Promise.race([port.hello(), stopped])
	} catch (error) {
		const output = program.stderr().trim().slice(-2048)
		if (!(error instanceof FailureError) || error.failure.code !== "runner-failed" || !output) throw error
		const end: Failure["data"] = await program.ended.then(
			(told) => ({ ...told }),
			() => ({}),
		)
		throw new FailureError(
			"runner-failed",
			{ ...error.failure.data, ...end, host: endpoint.host, output },
			{ cause: error },
		)
	} finally {
		clearTimeout(timer)
		signal?.removeEventListener("abort", onAbort)
	}
}
