import type { Duplex } from "node:stream"
import { NodeSSH } from "node-ssh"
import type { AnyAuthMethod, Client, NegotiatedAlgorithms } from "ssh2"
import { FailureError } from "../../schema/failure.ts"
import { agentSocket } from "./agent-socket.ts"
import { carryTo } from "./carry.ts"
import { classifyDialFailure, type DialPhase, levelOf } from "./classify-dial-failure.ts"
import { createDeadline } from "./deadline.ts"
import { algorithmsFor, fingerprintOf, keyTypeOf } from "./host-key.ts"
import { createHostKeyCheck } from "./host-key-check.ts"
import type { Interview } from "./interview.ts"
import type { KnownHosts } from "./known-hosts.ts"
import type { Target } from "./route.ts"
import { hearAnswers } from "./server-answers.ts"
import type { Deadlines, SessionDeps } from "./session.ts"
import { createSignInAttempt, type SignInAttempt } from "./sign-in.ts"
import { createSession, type Session, type SessionFacts } from "./signed-in.ts"
import { createTurns } from "./turns.ts"

export interface DialOptions {
	target: Target
	deps: SessionDeps
	interview: Interview
	/** The session that carries this one, where it is behind a jump host. */
	via: Session | undefined
	deadlines: Deadlines
}

/**
 * Sign-ins at one server at a time: sshd's default `MaxStartups 10:30:100` drops more at random, and counts one a while
 * longer than it takes. A whole fleet may be behind one jump host.
 */
const turns = createTurns(6)

/** One attempt to connect and sign in to one server. Every failure is a `FailureError`. */
export function dial(options: DialOptions): Promise<Session> {
	const { host, port, via } = options.target
	const place = [...via, `${host}:${port}`].join(" ")
	return turns.take(place, options.deps.signal, () => connectAndSignIn(options))
}

async function connectAndSignIn(options: DialOptions): Promise<Session> {
	const { target, deps, deadlines, via } = options
	const { host, port } = target
	const known = await deps.knownHosts.read(host, port, target.knownHostsFiles)
	const stream = await carryTo({ host, port }, { via, deadlineMs: deadlines.connect, signal: deps.signal })
	return new Promise((resolve, reject) => signInOver(stream, { ...options, known, resolve, reject }))
}

interface Dial extends DialOptions {
	known: Awaited<ReturnType<KnownHosts["read"]>>
	resolve: (session: Session) => void
	reject: (failure: unknown) => void
}

function signInOver(stream: Duplex, dial: Dial): void {
	const { target, deps, interview, deadlines, known } = dial
	const endpoint = { host: target.host, port: target.port }
	const deadline = createDeadline()
	const gone = new AbortController()
	let phase: DialPhase = "banner"
	let received = ""
	let banner = ""
	let negotiated: NegotiatedAlgorithms | undefined
	let trusted: Promise<Buffer> | undefined
	let settled = false

	const hostKey = createHostKeyCheck({ endpoint, deadline, judge: known.judge, trusts: interview.trusts })
	const signIn = createSignInAttempt({
		target,
		interview,
		fail,
		credentials: deps.credentials,
		isAwaited: deps.isAwaited ?? (() => false),
		agentSocket: agentOf(deps),
		pause: deadline.without,
		gone: gone.signal,
	})
	const client = connect(stream, {
		username: target.user,
		keepaliveInterval: deadlines.keepalive,
		algorithms: { serverHostKey: algorithmsFor(known.types) },
		// Trap: the callback form alone. A promise as answer counts as "yes", and without a verifier every key passes.
		hostVerifier: (key: Buffer, verify: (ok: boolean) => void) => {
			// Trap: a client that has ended meanwhile throws when it is told; a failure ends it anyway.
			hostKey.judge(key).then((ok) => gone.signal.aborted || verify(ok), fail)
		},
		authHandler: (_offered, _partial, next) => {
			deadline
				.without(() => signIn.next(answers.offered, answers.takePartial()))
				// ssh2 takes `false` for "nothing left"; its types do not know it.
				.then((method) => (next as (method: AnyAuthMethod | false) => void)(method ?? false))
				.catch(fail)
		},
	})

	const answers = hearAnswers(client)

	function settle(): boolean {
		if (settled) return false
		settled = true
		deadline.stop()
		deps.signal?.removeEventListener("abort", onAbort)
		return true
	}
	function fail(error: unknown): void {
		if (!settle()) return
		gone.abort()
		client.destroy()
		stream.destroy()
		dial.reject(
			error instanceof FailureError
				? error
				: new FailureError("internal", { message: String(error) }, { cause: error }),
		)
	}
	function failWith(error?: Error): void {
		if (settled) return
		const isRefused = levelOf(error) === "client-authentication"
		if (isRefused) signIn.forgetSecrets()
		const { tried, untried, keys } = signIn
		const offered = [...(answers.offered ?? [])]
		const state = { endpoint, user: target.user, phase, received, banner, tried, offered, keys }
		const failure = classifyDialFailure(untried === undefined ? state : { ...state, untried }, error)
		fail(isRefused ? (signIn.blocked ?? failure) : failure)
	}
	/** After the key exchange: before that the far side had not proved that the key is its own. */
	async function keepTrusted(): Promise<Buffer> {
		if (!hostKey.verified) throw new FailureError("internal", { message: "a handshake without a checked host key" })
		const { key, isNew } = hostKey.verified
		if (isNew) await deps.knownHosts.trust(endpoint.host, endpoint.port, key)
		return key
	}
	function finish(key: Buffer): void {
		if (!settle()) return
		signIn.proveSecrets()
		const facts = makeFacts(target, { key, signIn, negotiated })
		dial.resolve(createSession({ client, stream, facts, interview, via: dial.via }))
	}
	const expire = () => fail(new FailureError("timed-out", { ...endpoint, phase, seconds: secondsOf(deadlines, phase) }))
	const onAbort = () => fail(new FailureError("cancelled", { what: "the connection" }))

	// From here on for good: ssh2 emits `error` whenever it likes, several times for one failure, and an unheard one would
	// end the program. The first counts; those of the agent are no failure, the next method is tried.
	client.on("error", (error) => levelOf(error) !== "agent" && failWith(error))
	client.on("close", () => {
		failWith()
		gone.abort()
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
	stream.on("data", (bytes: Buffer) => {
		if (phase !== "banner") return
		received = (received + bytes.toString("latin1")).slice(0, 1024)
		if (/^SSH-2\.0-[^\n]*\n/m.test(received)) phase = "key-exchange"
	})
	deps.signal?.addEventListener("abort", onAbort)
	if (deps.signal?.aborted) onAbort()
	else deadline.start(deadlines.handshake, expire)
}

/** Begins to speak SSH; the caller listens before anything can happen. */
function connect(stream: Duplex, config: Parameters<NodeSSH["connect"]>[0]): Client {
	const ssh = new NodeSSH()
	const connecting = ssh.connect({ ...config, sock: stream, readyTimeout: 0, keepaliveCountMax: 2 })
	// The caller's listeners tell the failure better; node-ssh calls every silent close a time-out.
	connecting.catch(() => undefined)
	// `connect` has made it before its first wait.
	return ssh.connection as Client
}

function makeFacts(
	{ host, port, user, via }: Target,
	{ key, signIn, negotiated }: { key: Buffer; signIn: SignInAttempt; negotiated: NegotiatedAlgorithms | undefined },
): SessionFacts {
	const kex = negotiated?.kex ?? ""
	const cipher = negotiated?.cs.cipher ?? ""
	const { method } = signIn
	return { host, port, user, via, keyType: keyTypeOf(key), fingerprint: fingerprintOf(key), method, kex, cipher }
}

function secondsOf(deadlines: Deadlines, phase: DialPhase): number {
	return Math.round((phase === "sign-in" ? deadlines.signIn : deadlines.handshake) / 1000)
}

function agentOf({ agentSocket: given }: SessionDeps): string | undefined {
	return given === undefined ? agentSocket() : (given ?? undefined)
}
