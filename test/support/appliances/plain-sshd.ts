import { type ChildProcess, spawn } from "node:child_process"
import { mkdirSync, readFileSync, rmSync } from "node:fs"
import { mkdtemp, readFile, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir, userInfo } from "node:os"
import { join } from "node:path"
import { poll } from "./command.ts"
import { type Keys, type KeyType, makeKeys, writeFiles } from "./plain-sshd-files.ts"
import { findTool } from "./requirements.ts"

export type PlainSshdOptions = {
	/** 0, the default, takes a free one and keeps it over restarts. */
	port?: number
	hostKeyTypes?: KeyType[]
	/** One client key of each type is made and accepted. */
	clientKeyTypes?: KeyType[]
	/** Passwords need PAM or root's shadow file, so this sshd can check none: asking for them is an error. */
	auth?: "publickey" | "password"
	/** Lines for sshd_config that go before our own, such as `MaxStartups 2:100:2`. */
	config?: string[]
	/** More environment of its sessions. */
	env?: Record<string, string>
	/** Folders that only its sessions see, empty at first, and kept in `ownFolder`; only root can do that. */
	own?: string[]
}

/** Whether a plain sshd can run here, and if not why. */
export function canRunSshd(): { ok: true } | { ok: false; why: string } {
	const missing = ["sshd", "ssh-keygen"].filter((tool) => !findTool(tool))
	if (missing.length > 0)
		return { ok: false, why: `${missing.join(", ")} not found: apt-get install openssh-server openssh-client` }
	const isLocked = process.getuid?.() === 0 && /^root:!/m.test(readText("/etc/shadow"))
	return isLocked
		? { ok: false, why: "root's account is locked, sshd would refuse it: usermod -p '*' root" }
		: { ok: true }
}

/**
 * A bash that is no first one reads no `.bashrc`. Whoever runs the tests may have one that takes longer than all the rest; what
 * such files do to a session is tested on systemd appliances, which have their own.
 */
function makeEnvironment(more: Record<string, string> = {}): string {
	const all = Object.entries({ SHLVL: "5", ...more })
	return `SetEnv ${all.map(([name, value]) => `${name}=${value}`).join(" ")}`
}

/** A real OpenSSH server on loopback for the user that runs the tests. No systemd, no isolation: commands run on this machine. */
export class PlainSshd {
	readonly host = "127.0.0.1"
	readonly user = userInfo().username
	readonly port: number
	readonly folder: string
	/** Private client keys that are accepted, by type. */
	readonly identities: Keys
	/** Lines for a known_hosts file, one for each host key. */
	readonly hostKeyLines: string[]
	readonly knownHosts: string
	readonly #own: string[]
	#daemon: ChildProcess | undefined

	private constructor(folder: string, port: number, identities: Keys, hostKeyLines: string[], own: string[]) {
		this.#own = own
		this.folder = folder
		this.port = port
		this.identities = identities
		this.hostKeyLines = hostKeyLines
		this.knownHosts = join(folder, "known_hosts")
	}

	static async start(options: PlainSshdOptions = {}): Promise<PlainSshd> {
		if (options.auth === "password")
			throw new Error("cannot offer passwords: a plain sshd has no PAM; use a systemd appliance")
		const folder = await mkdtemp(join(tmpdir(), "plain-sshd-"))
		const port = options.port || (await findFreePort())
		const hostKeys = await makeKeys(folder, "host", options.hostKeyTypes ?? ["ed25519"])
		const identities = await makeKeys(folder, "id", options.clientKeyTypes ?? ["ed25519"])
		const hostKeyLines = await writeFiles(folder, port, hostKeys, identities, [
			...(options.config ?? []),
			makeEnvironment(options.env),
		])
		const sshd = new PlainSshd(folder, port, identities, hostKeyLines, options.own ?? [])
		process.setMaxListeners(Math.max(process.getMaxListeners(), process.listenerCount("exit") + 10))
		process.once("exit", sshd.#remove)
		await sshd.startAgain()
		return sshd
	}

	/** Starts it after `stop`, on the same port with the same keys. */
	async startAgain() {
		if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 })
		await writeFile(join(this.folder, "sshd.log"), "")
		const args = ["-D", "-f", join(this.folder, "sshd_config"), "-E", join(this.folder, "sshd.log")]
		const daemon = this.#spawn(findTool("sshd") ?? "sshd", args)
		this.#daemon = daemon
		await poll(`sshd listens on ${this.port}`, 10, async () => {
			const log = await this.readLog()
			if (daemon.exitCode !== null) throw new Error(`cannot start sshd: ${log}`)
			return log.includes(`Server listening on 127.0.0.1 port ${this.port}`) || undefined
		})
	}

	/** Where what its sessions see at `path` lies, of `own`. */
	ownFolder(path: string): string {
		return join(this.folder, "own", path)
	}

	#spawn(program: string, args: string[]): ChildProcess {
		if (this.#own.length === 0) return spawn(program, args, { stdio: "ignore" })
		for (const path of this.#own) mkdirSync(this.ownFolder(path), { recursive: true, mode: 0o755 })
		const mounts = this.#own.map((path) => `mount --bind "${this.ownFolder(path)}" "${path}"`)
		const script = [...mounts, 'exec "$0" "$@"'].join(" && ")
		return spawn("unshare", ["--mount", "--propagation", "private", "sh", "-c", script, program, ...args], {
			stdio: "ignore",
		})
	}

	/** Ends the server and all its sessions. */
	async stop() {
		const daemon = this.#daemon
		if (!daemon || daemon.exitCode !== null || daemon.signalCode !== null) return
		const ended = new Promise((resolve) => daemon.once("exit", resolve))
		this.#killAll()
		await ended
	}

	async restart() {
		await this.stop()
		await this.startAgain()
	}

	/** Ends the sessions, not the server. What a session started and detached lives on. */
	killConnections() {
		for (const pid of findDescendants(this.#daemon?.pid, "sshd")) kill(pid)
	}

	/** How many sessions it has now, those that are only signing in too. */
	countConnections(): number {
		return findChildren(this.#daemon?.pid, "sshd").length
	}

	/** Stops every process of its sessions; answers with what lets them go on. */
	freezeConnections(): () => void {
		const pids = findDescendants(this.#daemon?.pid, "sshd")
		for (const pid of pids) process.kill(pid, "SIGSTOP")
		return () => {
			for (const pid of pids) signal(pid, "SIGCONT")
		}
	}

	readLog = () => readFile(join(this.folder, "sshd.log"), "utf8")

	/** Arguments for the system's ssh client; a command may follow. */
	sshArgs(keyType: KeyType = "ed25519"): string[] {
		const options = [`UserKnownHostsFile=${this.knownHosts}`, "IdentitiesOnly=yes", "BatchMode=yes", "LogLevel=ERROR"]
		const identity = ["-F", "none", "-i", this.identities[keyType] ?? "", "-p", String(this.port)]
		return [...identity, ...options.flatMap((one) => ["-o", one]), `${this.user}@${this.host}`]
	}

	/** Ends it and removes its files. Happens by itself when the process ends in order. */
	async destroy() {
		await this.stop()
		this.#remove()
		process.removeListener("exit", this.#remove)
	}

	#killAll() {
		const daemon = this.#daemon
		this.killConnections()
		if (daemon?.pid && daemon.exitCode === null && daemon.signalCode === null) kill(daemon.pid)
	}

	#remove = () => {
		this.#killAll()
		rmSync(this.folder, { recursive: true, force: true })
	}
}

/** The processes below one that have the given name; a session's shell has another one. */
function findDescendants(pid: number | undefined, name: string): number[] {
	return findChildren(pid, name).flatMap((child) => [...findDescendants(child, name), child])
}

function findChildren(pid: number | undefined, name: string): number[] {
	const children = readText(`/proc/${pid}/task/${pid}/children`).trim().split(" ").filter(Boolean).map(Number)
	return children.filter((child) => readText(`/proc/${child}/comm`).startsWith(name))
}

function readText(path: string): string {
	try {
		return readFileSync(path, "utf8")
	} catch {
		return ""
	}
}

function kill(pid: number) {
	signal(pid, "SIGKILL")
}

function signal(pid: number, name: NodeJS.Signals) {
	try {
		process.kill(pid, name)
	} catch {
		// It ended by itself
	}
}

function findFreePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer().once("error", reject)
		server.listen(0, "127.0.0.1", () => {
			const address = server.address()
			server.close(() => resolve(typeof address === "object" && address ? address.port : 0))
		})
	})
}
