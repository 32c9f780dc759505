import type { Socket } from "node:net"
import { NodeSSH } from "node-ssh"
import type { AnyAuthMethod, Client, ClientChannel, NegotiatedAlgorithms } from "ssh2"
import type { Appliance } from "../../schema/appliance.ts"
import { FailureError } from "../../schema/failure.ts"
import type { Asker } from "./asker.ts"
import { classifyDialFailure, codeOf, type DialPhase, levelOf } from "./classify-dial-failure.ts"
import type { Credentials } from "./credentials.ts"
import { createDeadline } from "./deadline.ts"
import { algorithmsFor, fingerprintOf, keyTypeOf } from "./host-key.ts"
import { createHostKeyCheck } from "./host-key-check.ts"
import { createInterview, type Interview } from "./interview.ts"
import type { KnownHosts } from "./known-hosts.ts"
import { openSocket } from "./open-socket.ts"
import { createRemoteProgram, type RemoteProgram } from "./remote-program.ts"
import { createSignInAttempt } from "./sign-in.ts"

/** What a connection turned out to be, for people who want to know. */
export interface SessionFacts {
	host: string
	port: number
	user: string
	keyType: string
	fingerprint: string
	/** The method that signed in. */
	method: string
	kex: string
	cipher: string
}

/** One SSH connection, signed in. Once it is lost every program on it fails with `connection-lost`. */
export interface Session {
	readonly facts: SessionFacts
	readonly interview: Interview
	/** Starts a command; the login shell reads the line. Fails with `channel-refused` or `connection-lost`. */
	exec(command: string, options?: { onStderr?: (text: string) => void }): Promise<RemoteProgram>
	/** Resolves when the connection has ended, with why unless this side closed it. Never rejects. */
	readonly ended: Promise<FailureError | undefined>
	close(): Promise<void>
}

/** Milliseconds that each phase may take, without the time in which a person is asked. */
export interface Deadlines {
	connect: number
	/** From TCP to the end of the key exchange. */
	handshake: number
	signIn: number
	/** Between two beats; a silent peer is given up at the third one that is missed. */
	keepalive: number
}

export interface SessionDeps {
	asker?: Asker | undefined
	knownHosts: KnownHosts
	credentials: Credentials
	signal?: AbortSignal | undefined
	/** Where the agent listens; `SSH_AUTH_SOCK` when absent, null for none. */
	agentSocket?: string | null | undefined
	deadlines?: Partial<Deadlines> | undefined
}

const DEADLINES: Deadlines = { connect: 15_000, handshake: 20_000, signIn: 30_000, keepalive: 8_000 }
/** Connections that may die while a person thinks about a question before that is a failure. */
const MAX_DIALS = 3
/** How long a polite goodbye may take. */
const CLOSE_MS = 2_000

/**
 * Connects and signs in. Every failure is a `FailureError`; a server that lost patience while a person was asked is
 * dialled again with the answer.
 */
export async function openSession(appliance: Appliance, deps: SessionDeps): Promise<Session> {
	const interview = createInterview(appliance, deps)
	for (let dials = 1; ; dials++) {
		try {
			return await dial(appliance, deps, interview)
		} catch (error) {
			const isLost = error instanceof FailureError && error.failure.code === "connection-lost"
			if (!isLost || !interview.open || dials === MAX_DIALS) throw error
			if ((await interview.open).kind === "refuse") throw error
		}
	}
}

async function dial(appliance: Appliance, deps: SessionDeps, interview: Interview): Promise<Session> {
	const { host, port } = appliance
	const deadlines = { ...DEADLINES, ...deps.deadlines }
	const known = await deps.knownHosts.read(host, port)
	const socket = await openSocket({ host, port }, { deadlineMs: deadlines.connect, ...signalOf(deps) })
	return new Promise((resolve, reject) =>
		signInOver(socket, { appliance, deps, interview, known, deadlines, resolve, reject }),
	)
}

interface Dial {
	appliance: Appliance
	deps: SessionDeps
	interview: Interview
	known: Awaited<ReturnType<KnownHosts["read"]>>
	deadlines: Deadlines
	resolve: (session: Session) => void
	reject: (failure: unknown) => void
}

function signInOver(socket: Socket, dial: Dial): void {
	const { appliance, deps, interview, deadlines } = dial
	const endpoint = { host: appliance.host, port: appliance.port }
	const signIn = createSignInAttempt({
		appliance,
		credentials: deps.credentials,
		interview,
		agentSocket: agentOf(deps),
	})
	const deadline = createDeadline()
	let phase: DialPhase = "banner"
	let received = ""
	let banner = ""
	const hostKey = createHostKeyCheck({ endpoint, deadline, judge: dial.known.judge, trusts: interview.trusts })
	let negotiated: NegotiatedAlgorithms | undefined
	let trusted: Promise<Buffer> | undefined
	let settled = false
	let isGone = false

	const ssh = new NodeSSH()
	const connecting = ssh.connect({
		sock: socket,
		username: appliance.user,
		readyTimeout: 0,
		keepaliveInterval: deadlines.keepalive,
		keepaliveCountMax: 2,
		algorithms: { serverHostKey: algorithmsFor(dial.known.types) },
		// Trap: the callback form alone. A promise as answer counts as "yes", and without a verifier every key passes.
		hostVerifier: (key: Buffer, verify: (ok: boolean) => void) => {
			// Trap: a client that has ended meanwhile throws when it is told; a failure ends it anyway.
			hostKey.judge(key).then((ok) => isGone || verify(ok), fail)
		},
		authHandler: (offered, partial, next) => {
			deadline
				.without(() => signIn.next(offered, partial))
				// ssh2 takes `false` for "nothing left"; its types do not know it.
				.then((method) => (next as (method: AnyAuthMethod | false) => void)(method ?? false))
				.catch(fail)
		},
	})
	// Our own listeners below tell the failure better; node-ssh calls every silent close a time-out.
	connecting.catch(() => undefined)
	// `connect` has made it before its first wait: our listeners are there before anything can happen.
	const client = ssh.connection as Client

	function fail(error: unknown): void {
		isGone = true
		if (settled) return
		settled = true
		deadline.stop()
		deps.signal?.removeEventListener("abort", onAbort)
		client.destroy()
		socket.destroy()
		dial.reject(
			error instanceof FailureError
				? error
				: new FailureError("internal", { message: String(error) }, { cause: error }),
		)
	}
	function failWith(error?: Error): void {
		if (settled) return
		if (levelOf(error) === "client-authentication") signIn.forgetSecrets()
		const { tried, offered, untried } = signIn
		const state = { endpoint, user: appliance.user, phase, received, banner, tried, offered }
		fail(classifyDialFailure(untried === undefined ? state : { ...state, untried }, error))
	}
	/** After the key exchange: before that the far side had not proved that the key is its own. */
	async function keepTrusted(): Promise<Buffer> {
		if (!hostKey.verified) throw new FailureError("internal", { message: "a handshake without a checked host key" })
		const { key, isNew } = hostKey.verified
		if (isNew) await deps.knownHosts.trust(appliance.host, appliance.port, key)
		return key
	}
	function finish(key: Buffer): void {
		if (settled) return
		settled = true
		deps.signal?.removeEventListener("abort", onAbort)
		const method = signIn.tried.at(-1) ?? "none"
		dial.resolve(createSession(client, makeFacts(appliance, { key, method, negotiated }), interview))
	}
	const expire = () => fail(new FailureError("timed-out", { ...endpoint, phase, seconds: secondsOf(deadlines, phase) }))
	const onAbort = () => fail(new FailureError("cancelled", { what: "the connection" }))

	// From here on for good: ssh2 emits `error` whenever it likes, several times for one failure, and an unheard one would
	// end the program. The first counts; those of the agent are no failure, the next method is tried.
	client.on("error", (error) => levelOf(error) !== "agent" && failWith(error))
	client.on("close", () => {
		isGone = true
		failWith()
	})
	client.on("banner", (text) => {
		banner = `${banner}${text}`.slice(0, 2000)
	})
	client.on("handshake", (algorithms) => {
		negotiated ??= algorithms
		if (phase === "sign-in") return
		phase = "sign-in"
		deadline.start(deadlines.signIn, expire)
		trusted = keepTrusted()
		trusted.catch(fail)
	})
	client.on("ready", () => {
		deadline.stop()
		trusted?.then(finish, fail)
	})
	socket.on("data", (bytes: Buffer) => {
		if (phase !== "banner") return
		received = (received + bytes.toString("latin1")).slice(0, 1024)
		if (/^SSH-2\.0-[^\n]*\n/m.test(received)) phase = "key-exchange"
	})
	deps.signal?.addEventListener("abort", onAbort)
	if (deps.signal?.aborted) onAbort()
	else deadline.start(deadlines.handshake, expire)
}

function createSession(client: Client, facts: SessionFacts, interview: Interview): Session {
	const { host, port } = facts
	let lost: FailureError | undefined
	let closing = false
	const { promise: ended, resolve: end } = Promise.withResolvers<FailureError | undefined>()
	const lose = (error?: Error) => {
		lost ??= new FailureError("connection-lost", { host, port, reason: reasonOf(error) }, { cause: error })
	}
	client.on("error", lose)
	client.on("close", () => {
		lose()
		end(closing ? undefined : lost)
	})
	const lostFailure = () => lost ?? new FailureError("connection-lost", { host, port, reason: "closed" })

	return {
		facts,
		interview,
		ended,
		exec(command, options = {}) {
			return new Promise((resolve, reject) => {
				if (lost || closing) return reject(lostFailure())
				// A channel that is neither opened nor refused: the connection's end answers for it.
				ended.then(() => reject(lostFailure()))
				try {
					client.exec(command, (error: Error | undefined, channel: ClientChannel) => {
						if (error)
							return reject(
								lost ?? new FailureError("channel-refused", { host, port, reason: error.message.toLowerCase() }),
							)
						resolve(createRemoteProgram(channel, { ...options, ended, lostFailure }))
					})
				} catch (error) {
					reject(new FailureError("connection-lost", { host, port, reason: "closed" }, { cause: error }))
				}
			})
		},
		async close() {
			closing = true
			client.end()
			const timer = setTimeout(() => client.destroy(), CLOSE_MS)
			await ended
			clearTimeout(timer)
		},
	}
}

function makeFacts(
	{ host, port, user }: Appliance,
	{ key, method, negotiated }: { key: Buffer; method: string; negotiated: NegotiatedAlgorithms | undefined },
): SessionFacts {
	const kex = negotiated?.kex ?? ""
	const cipher = negotiated?.cs.cipher ?? ""
	return { host, port, user, keyType: keyTypeOf(key), fingerprint: fingerprintOf(key), method, kex, cipher }
}

function reasonOf(error: Error | undefined): string {
	if (!error) return "closed by the server"
	return codeOf(error) === "ECONNRESET" ? "reset" : error.message.toLowerCase()
}

function secondsOf(deadlines: Deadlines, phase: DialPhase): number {
	return Math.round((phase === "sign-in" ? deadlines.signIn : deadlines.handshake) / 1000)
}

function agentOf({ agentSocket }: SessionDeps): string | undefined {
	if (agentSocket !== undefined) return agentSocket ?? undefined
	// biome-ignore lint/complexity/useLiteralKeys: an environment variable
	return process.env["SSH_AUTH_SOCK"] ?? (process.platform === "win32" ? "\\\\.\\pipe\\openssh-ssh-agent" : undefined)
}

function signalOf({ signal }: SessionDeps): { signal?: AbortSignal } {
	return signal ? { signal } : {}
}
