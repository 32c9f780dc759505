import { type ChildProcess, spawn } from "node:child_process"
import { createServer } from "node:net"
import { userInfo } from "node:os"
import ssh2, { type AuthContext, type Connection, type ServerChannel } from "ssh2"

export interface EmbeddedSshdOptions {
	/** The folder in which commands start. */
	folder: string
	env: Record<string, string>
	/** Private host key, and the one public key that may sign in, as OpenSSH writes them. */
	hostKey: string
	authorizedKey: string
	/** Tried first, so that an appliance keeps its address from one start to the next. */
	port?: number | undefined
}

export interface EmbeddedSshd {
	readonly port: number
	readonly user: string
	/** Ends the server, its sessions and the commands in them. */
	stop(): Promise<void>
}

/**
 * An SSH server on loopback inside this program, whose commands run as this user in one folder. One key can sign in:
 * other users of this machine reach the port and get no further.
 */
export async function startEmbeddedSshd(options: EmbeddedSshdOptions): Promise<EmbeddedSshd> {
	const user = userInfo().username
	const programs = new Set<ChildProcess>()
	const connections = new Set<Connection>()
	const server = new ssh2.Server({ hostKeys: [options.hostKey] }, (connection) => {
		connections.add(connection)
		// A client that goes away is no error here; `close` follows.
		connection.on("error", () => undefined).on("close", () => connections.delete(connection))
		connection.on("authentication", (attempt) => signIn(attempt, user, options.authorizedKey))
		connection.on("session", (accept) => {
			accept().on("exec", (acceptExec, _reject, { command }) => {
				const channel = acceptExec()
				channel.on("error", () => undefined)
				const program = start(command, channel, options)
				programs.add(program)
				program.once("close", () => programs.delete(program))
			})
		})
	})
	const port = await listen(server, options.port)
	return {
		port,
		user,
		async stop() {
			const closed = new Promise<void>((resolve) => server.close(() => resolve()))
			for (const connection of connections) connection.end()
			for (const program of programs) endGroup(program)
			await closed
		},
	}
}

/** Lets one user in who has one key. */
export function signIn(attempt: AuthContext, user: string, authorizedKey: string): void {
	if (isAllowed(attempt, user, authorizedKey)) attempt.accept()
	else attempt.reject(["publickey"])
}

function isAllowed(attempt: AuthContext, user: string, authorizedKey: string): boolean {
	const allowed = ssh2.utils.parseKey(authorizedKey)
	if (attempt.method !== "publickey" || attempt.username !== user || allowed instanceof Error) return false
	if (attempt.key.algo !== allowed.type || !attempt.key.data.equals(allowed.getPublicSSH())) return false
	// The first question is only whether this key would do; the second one carries the proof.
	if (!attempt.signature) return true
	return attempt.blob !== undefined && allowed.verify(attempt.blob, attempt.signature, attempt.hashAlgo) === true
}

function start(command: string, channel: ServerChannel, { folder, env }: EmbeddedSshdOptions): ChildProcess {
	const program = spawn("/bin/sh", ["-c", command], { cwd: folder, env, detached: true, stdio: "pipe" })
	program.on("error", () => {
		channel.exit(127)
		channel.end()
	})
	program.stdin.on("error", () => undefined)
	channel.pipe(program.stdin)
	program.stdout.pipe(channel, { end: false })
	program.stderr.pipe(channel.stderr, { end: false })
	channel.on("close", () => program.stdin.destroy())
	program.on("close", (exit, signal) => {
		if (signal) channel.exit(signal.replace(/^SIG/, ""))
		else channel.exit(exit ?? 255)
		channel.end()
	})
	return program
}

function endGroup({ pid, exitCode }: ChildProcess): void {
	if (pid === undefined || exitCode !== null) return
	try {
		process.kill(-pid, "SIGKILL")
	} catch {
		// It has ended by itself.
	}
}

async function listen(server: InstanceType<typeof ssh2.Server>, wanted: number | undefined): Promise<number> {
	const port = wanted !== undefined && (await isFree(wanted)) ? wanted : 0
	return new Promise((resolve, reject) => {
		server.on("error", reject)
		server.listen(port, "127.0.0.1", () => {
			const address = server.address()
			resolve(typeof address === "object" && address ? address.port : 0)
		})
	})
}

function isFree(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const probe = createServer()
		probe.once("error", () => resolve(false))
		probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)))
	})
}
