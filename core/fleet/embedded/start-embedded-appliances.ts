import { execFile } from "node:child_process"
import { generateKeyPairSync, randomBytes } from "node:crypto"
import { access, chmod, constants, mkdir, readFile, realpath, rm, writeFile } from "node:fs/promises"
import { createServer, type Server } from "node:net"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import ssh2 from "ssh2"
import type { Appliance } from "../../schema/appliance.ts"
import { FailureError } from "../../schema/failure.ts"
import { requireGoing } from "../services/waiting.ts"
import type { KnownHosts } from "../ssh/known-hosts.ts"
import { writeOpenSshEd25519 } from "../ssh/pkcs8.ts"
import { endProgramsOf, removeStale } from "./clean-up.ts"
import { type EmbeddedSshd, startEmbeddedSshd } from "./embedded-sshd.ts"
import { type DemoFile, makeApplianceFiles, makeModuleFiles } from "./web-files.ts"

export interface EmbeddedAppliances {
	/** A healthy one, one whose owner changed a file, one that cannot be reached. */
	appliances: Appliance[]
	/** The module that repairs them. */
	moduleFolder: string
	/** Ends everything that was started and removes the appliances' files; module and keys stay. */
	stop(): Promise<void>
}

interface Kept {
	hostKey: string
	clientKeyPath: string
	authorizedKey: string
	/** Last port of each appliance. */
	ports: Record<string, number>
}

/** Nothing listens there, and nobody but root could. */
const CLOSED_PORT = 1

/**
 * Starts the appliances of the demo (DESIGN §9): SSH servers in this process, each with a web service in a folder of
 * its own. Nothing is installed and no rights are needed. `folder` is kept from one start to the next and holds the
 * keys; the appliances' own files are new each time. Their host key is trusted without a question: it is ours.
 */
export async function startEmbeddedAppliances(options: {
	folder: string
	knownHosts: KnownHosts
	/** Ends it half-way: nothing that was started stays, and it fails with `cancelled`. */
	signal?: AbortSignal | undefined
	/** Node for what runs there; this program itself when absent. Fails with `not-found` where there is none. */
	nodeProgram?: string | undefined
}): Promise<EmbeddedAppliances> {
	const { knownHosts, signal, nodeProgram = process.execPath } = options
	await requireProgram(nodeProgram)
	await mkdir(options.folder, { recursive: true, mode: 0o700 })
	// Without links: processes are found by the folder they carry in their environment.
	const folder = await realpath(options.folder)
	await removeStale(folder)
	const place = join(folder, `appliances-${randomBytes(6).toString("hex")}`)
	const kept = await readKept(folder)
	const moduleFolder = join(folder, "web-security")
	await writeFiles(moduleFolder, makeModuleFiles())
	const lifeline = await openLifeline()
	await writeFiles(place, [{ path: "lifeline", text: String(portOf(lifeline)) }])
	const started: EmbeddedSshd[] = []

	async function start(id: string, customized: boolean): Promise<EmbeddedSshd> {
		const root = join(place, id)
		requireGoing(signal, "the demo")
		const lifelinePort = portOf(lifeline)
		const sshd = await startOne({ root, customized, nodeProgram, lifelinePort, kept, port: kept.ports[id], signal })
		started.push(sshd)
		kept.ports[id] = sshd.port
		await trustOwn(knownHosts, sshd.port, kept.hostKey)
		return sshd
	}
	async function stop(): Promise<void> {
		await Promise.all(started.map((sshd) => sshd.stop()))
		await lifeline.close()
		await endProgramsOf(place)
		await rm(place, { recursive: true, force: true, maxRetries: 3 })
	}

	try {
		const [healthy, changed] = await allOrNone([start("healthy", false), start("changed", true)])
		requireGoing(signal, "the demo")
		await writeFile(join(folder, "ports.json"), JSON.stringify(kept.ports))
		const make = (name: string, notes: string, port: number) =>
			makeAppliance({ name, notes, port, user: healthy.user, keyPath: kept.clientKeyPath })
		return {
			moduleFolder,
			stop,
			appliances: [
				make("Demo: healthy", "A web service with two faults to mend.", healthy.port),
				make(
					"Demo: changed by its owner",
					"Its owner changed srv/web/theme.mjs, so one pool cannot work.",
					changed.port,
				),
				make("Demo: switched off", "Nothing answers there.", CLOSED_PORT),
			],
		}
	} catch (error) {
		await stop()
		requireGoing(signal, "the demo")
		throw error
	}
}

function makeAppliance(options: {
	name: string
	notes: string
	port: number
	user: string
	keyPath: string
}): Appliance {
	const { name, notes, port, user, keyPath } = options
	const id = name.toLowerCase().replace(/[^a-z]+/g, "-")
	const signIn = { method: "key" as const, path: keyPath }
	// A jump host that the user's own configuration has for every host leads away from this program.
	return { id, name, host: "127.0.0.1", port, user, signIn, become: "none", jump: "none", tags: ["demo"], notes }
}

async function startOne(options: {
	root: string
	customized: boolean
	nodeProgram: string
	lifelinePort: number
	kept: Kept
	port: number | undefined
	signal: AbortSignal | undefined
}): Promise<EmbeddedSshd> {
	const { root, customized, nodeProgram, kept, signal } = options
	await writeFiles(root, makeApplianceFiles({ nodeProgram, customized }))
	await writeFiles(root, [{ path: "var/lifeline", text: String(options.lifelinePort) }])
	await mkdir(join(root, "var/log"), { recursive: true })
	// biome-ignore lint/complexity/useLiteralKeys: an environment variable
	const path = `${join(root, "bin")}:${process.env["PATH"] ?? "/usr/bin:/bin"}`
	const env = { PATH: path, HOME: root, LANG: "C.UTF-8", HOTFIX_ROOT: root, HOTFIX_STATE: join(root, "state") }
	const { hostKey, authorizedKey } = kept
	// As it stands at the customer's: running, faults and all.
	await promisify(execFile)("bin/service", ["restart", "web"], { cwd: root, env, ...(signal && { signal }) })
	return startEmbeddedSshd({ folder: root, env, hostKey, authorizedKey, port: options.port })
}

async function requireProgram(path: string): Promise<void> {
	try {
		await access(path, constants.X_OK)
	} catch (error) {
		throw new FailureError("not-found", { kind: "Node program for the demo", path }, { cause: error })
	}
}

/** Fails only when all have ended: what succeeded after the first failure must be known to whoever clears up. */
async function allOrNone<const T extends Promise<EmbeddedSshd>[]>(starts: T) {
	await Promise.allSettled(starts)
	return Promise.all(starts)
}

/** The first start makes the keys; they stay, or a host key would change from one start to the next. */
async function readKept(folder: string): Promise<Kept> {
	const clientKeyPath = join(folder, "id_ed25519")
	const hostKey = await readOrMakeKey(join(folder, "host_ed25519"))
	const client = ssh2.utils.parseKey(await readOrMakeKey(clientKeyPath))
	if (client instanceof Error) throw client
	const authorizedKey = `${client.type} ${client.getPublicSSH().toString("base64")}`
	return { hostKey, clientKeyPath, authorizedKey, ports: await readPorts(join(folder, "ports.json")) }
}

async function readOrMakeKey(path: string): Promise<string> {
	const known = await readFile(path, "utf8").catch(() => undefined)
	if (known !== undefined && !(ssh2.utils.parseKey(known) instanceof Error)) return known
	const made = writeOpenSshEd25519(generateKeyPairSync("ed25519").privateKey)
	await writeFile(path, made, { mode: 0o600 })
	return made
}

/** What was not written whole, or not by us, is as good as nothing: a free port will do. */
async function readPorts(path: string): Promise<Record<string, number>> {
	try {
		const ports: unknown = JSON.parse(await readFile(path, "utf8"))
		const entries = Object.entries(ports ?? {}).filter(
			([, port]) => Number.isInteger(port) && port > 1023 && port < 65536,
		)
		return Object.fromEntries(entries)
	} catch {
		return {}
	}
}

async function trustOwn(knownHosts: KnownHosts, port: number, hostKey: string): Promise<void> {
	const parsed = ssh2.utils.parseKey(hostKey)
	if (parsed instanceof Error) throw parsed
	const key = parsed.getPublicSSH()
	const known = await knownHosts.read("127.0.0.1", port)
	if (known.judge(key).verdict === "unknown") await knownHosts.trust("127.0.0.1", port, key)
}

async function writeFiles(folder: string, files: DemoFile[]): Promise<void> {
	for (const { path, text, mode = 0o644 } of files) {
		const file = join(folder, path)
		await mkdir(dirname(file), { recursive: true })
		await writeFile(file, text, { mode })
		await chmod(file, mode)
	}
}

interface Lifeline {
	server: Server
	close(): Promise<void>
}

/**
 * Services of the appliances hold a connection to it and end when it closes: they outlive neither `stop` nor a crash of
 * this program, and no process id is trusted for that.
 */
async function openLifeline(): Promise<Lifeline> {
	const held = new Set<{ destroy(): void }>()
	const server = createServer((socket) => {
		held.add(socket)
		socket.on("error", () => undefined).on("close", () => held.delete(socket))
	})
	await new Promise<void>((resolve, reject) => server.on("error", reject).listen(0, "127.0.0.1", resolve))
	// It must not keep a program alive that is otherwise done.
	server.unref()
	return {
		server,
		async close() {
			const closed = new Promise<void>((resolve) => server.close(() => resolve()))
			for (const socket of held) socket.destroy()
			await closed
		},
	}
}

function portOf({ server }: Lifeline): number {
	const address = server.address()
	return typeof address === "object" && address ? address.port : 0
}
