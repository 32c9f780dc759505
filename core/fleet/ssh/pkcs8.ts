import { createPrivateKey, type KeyObject } from "node:crypto"
import ssh2 from "ssh2"
import type { KeyText } from "./key-file.ts"

/** Keys as OpenSSL writes them; ssh2 does not read these, so they are written anew in a form that it does. */
export function isPkcs8(text: string): boolean {
	return /^-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(text.trimStart())
}

export function readPkcs8(text: string, passphrase?: string): KeyText {
	let key: KeyObject
	try {
		key = createPrivateKey({ key: text, ...(passphrase === undefined ? {} : { passphrase }) })
	} catch {
		if (text.includes("BEGIN ENCRYPTED")) return { state: passphrase === undefined ? "encrypted" : "wrong" }
		return { state: "unusable", reason: "unknown-format" }
	}
	const written = rewrite(key)
	const parsed = written === undefined ? undefined : ssh2.utils.parseKey(written)
	const first = Array.isArray(parsed) ? parsed[0] : parsed
	return !first || first instanceof Error
		? { state: "unusable", reason: "unknown-format" }
		: { state: "key", key: first }
}

function rewrite(key: KeyObject): string | undefined {
	switch (key.asymmetricKeyType) {
		case "rsa":
			return key.export({ type: "pkcs1", format: "pem" }).toString()
		case "ec":
			return key.export({ type: "sec1", format: "pem" }).toString()
		case "ed25519":
			return writeOpenSshEd25519(key)
		default:
			return undefined
	}
}

/**
 * A private key in the `openssh-key-v1` container, unencrypted (OpenSSH's PROTOCOL.key). Trap: of the keys that ssh2's
 * own `generateKeyPair` writes in this form, 1 in 250 can be read by nobody.
 */
export function writeOpenSshEd25519(key: KeyObject): string {
	const { x = "", d = "" } = key.export({ format: "jwk" })
	const publicPart = Buffer.from(x, "base64url")
	const type = Buffer.from("ssh-ed25519")
	const publicKey = Buffer.concat([string(type), string(publicPart)])
	const check = Buffer.alloc(8)
	const secret = string(Buffer.concat([Buffer.from(d, "base64url"), publicPart]))
	const inner = Buffer.concat([check, publicKey, secret, string(Buffer.alloc(0))])
	const padding = Buffer.from(Array.from({ length: (8 - (inner.length % 8)) % 8 }, (_, index) => index + 1))
	const none = string(Buffer.from("none"))
	const whole = Buffer.concat([
		Buffer.from("openssh-key-v1\0"),
		none,
		none,
		string(Buffer.alloc(0)),
		Buffer.from([0, 0, 0, 1]),
		string(publicKey),
		string(Buffer.concat([inner, padding])),
	])
	const lines = whole.toString("base64").match(/.{1,70}/g) ?? []
	return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join("\n")
}

/** Length, then the bytes. */
function string(bytes: Buffer): Buffer {
	const length = Buffer.alloc(4)
	length.writeUInt32BE(bytes.length)
	return Buffer.concat([length, bytes])
}
