import { createHash, generateKeyPairSync } from "node:crypto"
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import ssh2 from "ssh2"
import { type EmbeddedSshd, startEmbeddedSshd } from "../../../core/fleet/embedded/embedded-sshd.ts"
import { writeOpenSshEd25519 } from "../../../core/fleet/ssh/pkcs8.ts"

/** A real runner behind an SSH server in this process, with a host key of its own that nobody knows yet. */
export interface Stranger {
	readonly name: string
	readonly host: string
	readonly port: number
	readonly user: string
	/** The private key that signs in. */
	readonly keyPath: string
	/** The folder that stands for `/`. */
	readonly root: string
	/** Of its host key: as OpenSSH prints it, and as it stands in a public key file. */
	readonly fingerprint: string
	readonly publicKey: string
	/** Ends the server and its sessions; what a session detached lives on. */
	stop(): Promise<void>
	/** Starts it again on the same port; with another host key when wanted. */
	startAgain(options?: { otherKey: boolean }): Promise<void>
}

/** Starts one below a folder; all of a folder let the same key in. Nothing needs to be installed, and no root. */
export async function startStranger(folder: string, name: string): Promise<Stranger> {
	const root = join(folder, name)
	await mkdir(join(root, "etc"), { recursive: true })
	await mkdir(join(root, "var/log"), { recursive: true })
	const hostKeys = [makeKey(), makeKey()] as const
	const client = clients.get(folder) ?? makeKey()
	clients.set(folder, client)
	const keyPath = join(folder, "id_ed25519")
	await writeFile(keyPath, client.private, { mode: 0o600 })
	const start = (key: { private: string }, port?: number) =>
		startEmbeddedSshd({
			folder: root,
			env: {
				PATH: process.env.PATH ?? "/usr/bin:/bin",
				HOME: root,
				LANG: "C.UTF-8",
				HOTFIX_ROOT: root,
				HOTFIX_STATE: join(root, "state"),
			},
			hostKey: key.private,
			authorizedKey: client.public,
			port,
		})
	let sshd: EmbeddedSshd = await start(hostKeys[0])
	const { port, user } = sshd
	return {
		...{ name, host: "127.0.0.1", port, user, keyPath, root },
		publicKey: hostKeys[0].public,
		fingerprint: hostKeys[0].fingerprint,
		stop: () => sshd.stop(),
		async startAgain({ otherKey } = { otherKey: false }) {
			sshd = await start(hostKeys[otherKey ? 1 : 0], port)
			if (sshd.port !== port) throw new Error(`cannot start ${name} again: port ${port} is taken`)
		},
	}
}

const clients = new Map<string, ReturnType<typeof makeKey>>()

/** A key of a server or of a client, as OpenSSH writes both halves, and its fingerprint. */
export function makeKey() {
	const own = writeOpenSshEd25519(generateKeyPairSync("ed25519").privateKey)
	const key = ssh2.utils.parseKey(own)
	if (key instanceof Error) throw key
	const digest = createHash("sha256").update(key.getPublicSSH())
	const line = `${key.type} ${key.getPublicSSH().toString("base64")}`
	return { private: own, public: line, fingerprint: `SHA256:${digest.digest("base64").replace(/=+$/, "")}` }
}
