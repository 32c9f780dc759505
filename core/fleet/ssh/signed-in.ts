import type { Duplex } from "node:stream"
import type { Client, ClientChannel } from "ssh2"
import { FailureError } from "../../schema/failure.ts"
import { codeOf } from "./classify-dial-failure.ts"
import { classifyForwardFailure } from "./classify-forward-failure.ts"
import type { Interview } from "./interview.ts"
import type { Endpoint } from "./open-socket.ts"
import { createRemoteProgram, type RemoteProgram } from "./remote-program.ts"

/** What a connection turned out to be, for people who want to know. */
export interface SessionFacts {
	host: string
	port: number
	user: string
	/** The jump hosts on the way, `user@host:port` each, the nearest first. */
	via: string[]
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
	/**
	 * A TCP connection that this server makes for us. Fails with `jump-refused`, or as a connection of our own would; the
	 * caller's time limit is the only one.
	 */
	forward(to: Endpoint): Promise<Duplex>
	/** Resolves when the connection has ended, with why unless this side closed it. Never rejects. */
	readonly ended: Promise<FailureError | undefined>
	/** Ends it, and with it the jump hosts on the way. */
	close(): Promise<void>
}

/** How long a polite goodbye may take. */
const CLOSE_MS = 2_000

/** `via`: the session that carries this one; it ends with this one, and this one with it. */
export function createSession(options: {
	client: Client
	/** What the client speaks over. */
	stream: Duplex
	facts: SessionFacts
	interview: Interview
	via: Session | undefined
}): Session {
	const { client, stream, facts, interview, via } = options
	const { host, port } = facts
	let lost: FailureError | undefined
	let closing = false
	const { promise: ended, resolve: end } = Promise.withResolvers<FailureError | undefined>()
	const lose = (error?: Error) => {
		lost ??= new FailureError("connection-lost", { host, port, reason: reasonOf(error) }, { cause: error })
	}
	client.on("error", lose)
	client.on("close", async () => {
		// What is carried closes a moment before its carrier: whose end it really was says the carrier.
		if (via && !closing) lost ??= await endOf(via)
		lose()
		end(closing ? undefined : lost)
		await via?.close()
	})
	via?.ended.then((failure) => {
		lost ??= failure
		client.destroy()
	})
	const lostFailure = () => lost ?? new FailureError("connection-lost", { host, port, reason: "closed" })

	/** A channel that is neither opened nor refused: the connection's end answers for it. */
	function openChannel<Opened>(
		open: (told: (error: Error | undefined, channel: ClientChannel) => void) => void,
		use: (error: Error | undefined, channel: ClientChannel) => Opened,
	): Promise<Opened> {
		return new Promise((resolve, reject) => {
			if (lost || closing) return reject(lostFailure())
			ended.then(() => reject(lostFailure()))
			try {
				open((error, channel) => {
					try {
						resolve(use(error, channel))
					} catch (failure) {
						reject(failure)
					}
				})
			} catch (error) {
				reject(new FailureError("connection-lost", { host, port, reason: "closed" }, { cause: error }))
			}
		})
	}

	return {
		facts,
		interview,
		ended,
		exec: (command, more = {}) =>
			openChannel(
				(told) => client.exec(command, told),
				(error, channel) => {
					if (error) {
						throw lost ?? new FailureError("channel-refused", { host, port, reason: error.message.toLowerCase() })
					}
					return createRemoteProgram(channel, { ...more, ended, lostFailure })
				},
			),
		forward: (to) =>
			openChannel(
				(told) => client.forwardOut("127.0.0.1", 0, to.host, to.port, told),
				(error, channel) => {
					if (error) throw lost ?? classifyForwardFailure(error, { host, port }, to)
					return channel
				},
			),
		async close() {
			closing = true
			client.end()
			// Trap: after its goodbye the client's own `destroy` does nothing, and a peer that vanished never answers.
			const timer = setTimeout(() => stream.destroy(), CLOSE_MS)
			await ended
			clearTimeout(timer)
			await via?.close()
		},
	}
}

/** Why a carrier has ended; undefined when it lives on. */
function endOf(via: Session): Promise<FailureError | undefined> {
	return Promise.race([via.ended, new Promise<undefined>((resolve) => setTimeout(resolve, CARRIER_MS, undefined))])
}

/** How much later than what it carried a carrier may end. */
const CARRIER_MS = 100

function reasonOf(error: Error | undefined): string {
	if (!error) return "closed by the server"
	return codeOf(error) === "ECONNRESET" ? "reset" : error.message.toLowerCase()
}
