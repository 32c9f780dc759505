import ssh2, { type ParsedKey } from "ssh2"
import { FailureError } from "../../schema/failure.ts"
import { MAX_KEY_BYTES, readKeyFile } from "./key-file.ts"
import { publicPartOf } from "./openssh-key.ts"
import { readRegularText } from "./read-regular.ts"

/** A key that may sign in: its public half to offer, and a way to sign once the server wants it. */
export interface RingKey {
	publicKey: ParsedKey
	/** `agent`, or the file it is in. */
	source: string
	sign(data: Buffer, hash: string | undefined): Promise<Buffer>
}

export interface KeyRing {
	/** In the order of ssh: the agent's that are configured, the agent's others, those in files alone. */
	keys: RingKey[]
	/** Why an agent or a file there is gives no key. */
	problems: string[]
}

/** How long an agent has to list its keys. */
const AGENT_MS = 5_000

/**
 * Gathers what could sign in without asking anybody: a passphrase is wanted only for a key that the server takes.
 * `unlock`: the private key of a file. A file that is missing is passed over.
 */
export async function gatherKeys(options: {
	agentSocket: string | undefined
	identityFiles: readonly string[]
	identitiesOnly: boolean
	unlock: (path: string) => Promise<ParsedKey>
}): Promise<KeyRing> {
	const problems: string[] = []
	const agentKeys = await listAgentKeys(options.agentSocket, problems)
	const files: RingKey[] = []
	for (const path of options.identityFiles) {
		try {
			files.push(await readIdentity(path, options.unlock))
		} catch (error) {
			if (!isMissing(error)) problems.push(problemOf(path, error))
		}
	}
	const blobs = new Set(files.map(blobOf))
	const configured = agentKeys.filter((key) => blobs.has(blobOf(key)))
	const others = options.identitiesOnly ? [] : agentKeys.filter((key) => !blobs.has(blobOf(key)))
	const held = new Set(configured.map(blobOf))
	return { keys: [...configured, ...others, ...files.filter((key) => !held.has(blobOf(key)))], problems }
}

/** Why there are none is put into `problems`. */
export async function listAgentKeys(socket: string | undefined, problems: string[]): Promise<RingKey[]> {
	if (socket === undefined) {
		problems.push("no agent is running")
		return []
	}
	const agent = ssh2.createAgent(socket)
	const keys = await new Promise<ParsedKey[] | undefined>((resolve) => {
		const timer = setTimeout(() => resolve(undefined), AGENT_MS)
		agent.getIdentities((error, found) => {
			clearTimeout(timer)
			resolve(error || !found ? undefined : found.flatMap((key) => (isKey(key) ? (parsePublic(key) ?? []) : [])))
		})
	})
	if (!keys) problems.push("the agent does not answer")
	return (keys ?? []).map((publicKey) => ({
		publicKey,
		source: "agent",
		sign: (data, hash) =>
			new Promise((resolve, reject) => {
				const told = (error?: Error | null, signature?: string | Buffer) =>
					signature === undefined ? reject(error ?? new Error("no signature")) : resolve(Buffer.from(signature))
				agent.sign(publicKey, data, hash === undefined ? {} : { hash: hash as "sha256" }, told)
			}),
	}))
}

async function readIdentity(path: string, unlock: (path: string) => Promise<ParsedKey>): Promise<RingKey> {
	const text = await readKeyFile(path)
	const publicText = await readRegularText(`${path}.pub`, MAX_KEY_BYTES).catch(() => undefined)
	// An old format without the public half beside it: there is no way to offer it but to open it.
	const publicKey = parsePublic(publicPartOf(text)) ?? parsePublic(publicText) ?? (await unlock(path))
	return {
		publicKey,
		source: path,
		async sign(data, hash) {
			const signature = (await unlock(path)).sign(data, hash)
			if (signature instanceof Error) throw signature
			return signature
		},
	}
}

/** Of the forms that ssh2's types allow, an agent itself gives only this one. */
function isKey(key: string | Buffer | ParsedKey | object): key is string | Buffer | ParsedKey {
	return typeof key !== "object" || !("pubKey" in key)
}

function parsePublic(key: Parameters<typeof ssh2.utils.parseKey>[0] | undefined): ParsedKey | undefined {
	if (key === undefined) return undefined
	const parsed: ParsedKey | ParsedKey[] | Error = ssh2.utils.parseKey(key)
	const first = Array.isArray(parsed) ? parsed[0] : parsed
	return first instanceof Error ? undefined : first
}

function blobOf({ publicKey }: RingKey): string {
	return publicKey.getPublicSSH().toString("base64")
}

function isMissing(error: unknown): boolean {
	return error instanceof FailureError && error.failure.data.reason === "missing"
}

function problemOf(path: string, error: unknown): string {
	const why = error instanceof FailureError ? (error.failure.data.reason ?? error.failure.code) : "unknown"
	return `${path} cannot be used: ${why}`
}
