import { createHash, createPublicKey, verify } from "node:crypto"
import { SIGNATURE_NAMESPACE } from "../schema/module-statement.ts"

/** OpenSSH's signature format (PROTOCOL.sshsig), for Ed25519 keys and SHA-512 only: what `ssh-keygen -Y sign` writes. */
export interface SshSignature {
	/** The public key as SSH writes it, in base64: what `ssh-ed25519` is followed by. */
	key: string
	/** 64 bytes. */
	signature: Buffer
}

const KEY_TYPE = "ssh-ed25519"
const KEY_BYTES = 32
const SIGNATURE_BYTES = 64
const BEGIN = "-----BEGIN SSH SIGNATURE-----"
const END = "-----END SSH SIGNATURE-----"
const LINE = 70

/** A length before its bytes, as SSH writes every field. */
function field(bytes: string | Buffer): Buffer {
	const content = Buffer.from(bytes)
	const length = Buffer.alloc(4)
	length.writeUInt32BE(content.length)
	return Buffer.concat([length, content])
}

const purpose = Buffer.concat([field(SIGNATURE_NAMESPACE), field(""), field("sha512")])

const keyStart = Buffer.concat([field(KEY_TYPE), Buffer.from([0, 0, 0, KEY_BYTES])])

/** Undefined for what is no Ed25519 key, written in any other way than SSH does. */
export function parseKey(base64: string): Buffer | undefined {
	const blob = Buffer.from(base64, "base64")
	const isKey = blob.length === keyStart.length + KEY_BYTES && blob.subarray(0, keyStart.length).equals(keyStart)
	return isKey && blob.toString("base64") === base64 ? blob : undefined
}

/** The 32 bytes of an Ed25519 public key as SSH writes them. */
export function printKey(bytes: Buffer): string {
	return Buffer.concat([keyStart, bytes]).toString("base64")
}

/** As `ssh-keygen -l` prints it. */
export function fingerprintOf(key: string): string {
	const digest = createHash("sha256").update(Buffer.from(key, "base64")).digest("base64")
	return `SHA256:${digest.replace(/=+$/, "")}`
}

function makeBlob({ key, signature }: SshSignature): Buffer {
	const version = Buffer.from([0, 0, 0, 1])
	const signed = field(Buffer.concat([field(KEY_TYPE), field(signature)]))
	return Buffer.concat([Buffer.from("SSHSIG"), version, field(Buffer.from(key, "base64")), purpose, signed])
}

/** The file that `ssh-keygen -Y verify` reads. */
export function printSignature(signature: SshSignature): string {
	const lines =
		makeBlob(signature)
			.toString("base64")
			.match(new RegExp(`.{1,${LINE}}`, "g")) ?? []
	return `${[BEGIN, ...lines, END].join("\n")}\n`
}

/**
 * Every signature of a file, one after the other. Undefined when anything in it is not exactly that: another type of key,
 * another purpose, a byte too many. Nothing is taken apart: all but two fields are fixed, so what is read is written
 * again, and has to come out the same.
 */
export function parseSignatures(text: string): SshSignature[] | undefined {
	const found: SshSignature[] = []
	const lines = text.split("\n")
	if (lines.pop() !== "") return undefined
	while (lines.length > 0) {
		const end = lines.indexOf(END)
		if (lines[0] !== BEGIN || end < 0) return undefined
		const one = parseBlob(
			lines
				.splice(0, end + 1)
				.slice(1, -1)
				.join(""),
		)
		if (!one) return undefined
		found.push(one)
	}
	return found.length > 0 ? found : undefined
}

const KEY_AT = "SSHSIG".length + 4 + 4

function parseBlob(base64: string): SshSignature | undefined {
	const blob = Buffer.from(base64, "base64")
	const key = blob.subarray(KEY_AT, KEY_AT + keyStart.length + KEY_BYTES).toString("base64")
	const one = { key, signature: blob.subarray(-SIGNATURE_BYTES) }
	const isSame = parseKey(key) !== undefined && makeBlob(one).equals(blob) && blob.toString("base64") === base64
	return isSame ? one : undefined
}

/** What the key signs in the message's place. */
export function makeSignedBytes(message: string): Buffer {
	const digest = createHash("sha512").update(message).digest()
	return Buffer.concat([Buffer.from("SSHSIG"), purpose, field(digest)])
}

/** Whether the signature was made over this message, by the key it names. */
export function isSignatureOf(message: string, { key, signature }: SshSignature): boolean {
	const blob = parseKey(key)
	if (!blob) return false
	const x = blob.subarray(keyStart.length).toString("base64url")
	const publicKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" })
	return verify(null, makeSignedBytes(message), publicKey, signature)
}
