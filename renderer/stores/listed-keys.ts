/** One host key of a pasted list. */
export interface ListedKey {
	/** `SHA256:...`, as OpenSSH prints it. */
	fingerprint: string
	/** Host names of a known_hosts line, patterns and hashed ones among them; undefined where the line names none. */
	names?: string[]
	isRevoked: boolean
}

/** What a pasted list holds; `strange`: how many of its lines are no host key. */
export interface KeyList {
	keys: ListedKey[]
	strange: number
}

/** What a list says of a key that a host shows: `elsewhere` it is listed, but for other names than this host's. */
export type Match = { kind: "listed" } | { kind: "elsewhere"; names: string } | { kind: "revoked" }

/** A key that a host shows. */
export interface ShownKey {
	id: string
	host: string
	port: number
	fingerprint: string
}

export const emptyList: KeyList = { keys: [], strange: 0 }

const fingerprints = /\bSHA256:[A-Za-z0-9+/]{43}(?![A-Za-z0-9+/])/g
const keyType = /^(ssh-|ecdsa-sha2-|sk-ssh-|sk-ecdsa-)[a-z0-9@.-]+$/

/** Reads fingerprints, lines of `ssh-keygen -l`, public key files and known_hosts lines, in any mixture. */
export async function parseKeyList(text: string): Promise<KeyList> {
	const lines = text.split("\n").map((line) => line.trim())
	const read = await Promise.all(lines.filter((line) => line !== "" && !line.startsWith("#")).map(readLine))
	return { keys: read.flatMap((keys) => keys ?? []), strange: read.filter((keys) => keys === undefined).length }
}

/** The keys of one line; undefined when it is no line of any kind that is known. */
async function readLine(line: string): Promise<ListedKey[] | undefined> {
	const words = line.split(/\s+/)
	const marker = words[0]?.startsWith("@") ? words.shift() : undefined
	// The key of an authority is no host's key.
	if (marker === "@cert-authority") return []
	const isRevoked = marker === "@revoked"
	const at = words.findIndex((word) => keyType.test(word))
	const fingerprint = at < 0 ? undefined : await fingerprintOf(words[at + 1] ?? "")
	const names = at > 0 ? words[0]?.split(",") : undefined
	if (fingerprint !== undefined) return [{ fingerprint, ...(names && { names }), isRevoked }]
	const printed = line.match(fingerprints)
	return printed?.map((one) => ({ fingerprint: one, isRevoked }))
}

/** What the list says of each key that is in it, by id. */
export async function matchKeys({ keys }: KeyList, shown: readonly ShownKey[]): Promise<Map<string, Match>> {
	const found = await Promise.all(shown.map(async (key) => [key.id, await matchKey(keys, key)] as const))
	return new Map(found.flatMap(([id, match]) => (match ? [[id, match] as const] : [])))
}

async function matchKey(keys: ListedKey[], shown: ShownKey): Promise<Match | undefined> {
	const same = keys.filter(({ fingerprint }) => fingerprint === shown.fingerprint)
	if (same.some((key) => key.isRevoked)) return { kind: "revoked" }
	for (const { names } of same) if (!names || (await isNamed(names, shown))) return { kind: "listed" }
	const names = same[0]?.names
	return names && { kind: "elsewhere", names: names.join(", ") }
}

async function isNamed(names: string[], { host, port }: ShownKey): Promise<boolean> {
	const name = port === 22 ? host : `[${host}]:${port}`
	const fits = await Promise.all(
		names.map((one) => (one.startsWith("|1|") ? fitsHash(one, name) : fitsPattern(one, name))),
	)
	const isExcluded = names.some((one) => one.startsWith("!") && fitsPattern(one.slice(1), name))
	return fits.includes(true) && !isExcluded
}

/** `*` is any text, `?` one character; without backtracking further than to the last `*`. */
function fitsPattern(pattern: string, name: string): boolean {
	const [wanted, text] = [pattern.toLowerCase(), name.toLowerCase()]
	let [at, star, resume] = [0, -1, 0]
	for (let index = 0; index < text.length; ) {
		if (wanted[at] === "*") [star, resume, at] = [at, index, at + 1]
		else if (wanted[at] === "?" || wanted[at] === text[index]) [at, index] = [at + 1, index + 1]
		else if (star >= 0) [at, index, resume] = [star + 1, resume + 1, resume + 1]
		else return false
	}
	return /^\**$/.test(wanted.slice(at))
}

/** A hashed name of known_hosts: `|1|SALT|HMAC-SHA1 of the name`. */
async function fitsHash(hashed: string, name: string): Promise<boolean> {
	const [, , salt = "", wanted] = hashed.split("|")
	const bytes = bytesOf(salt)
	if (!bytes) return false
	const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-1" }, false, ["sign"])
	return base64Of(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(name))) === wanted
}

async function fingerprintOf(key: string): Promise<string | undefined> {
	const bytes = bytesOf(key)
	if (!bytes) return undefined
	return `SHA256:${base64Of(await crypto.subtle.digest("SHA-256", bytes)).replace(/=+$/, "")}`
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> | undefined {
	try {
		const text = atob(base64)
		return text === "" ? undefined : Uint8Array.from(text, (character) => character.charCodeAt(0))
	} catch {
		return undefined
	}
}

function base64Of(bytes: ArrayBuffer): string {
	return btoa(String.fromCharCode(...new Uint8Array(bytes)))
}
