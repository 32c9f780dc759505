const BEGIN = "-----BEGIN OPENSSH PRIVATE KEY-----"
const MAGIC = "openssh-key-v1\0"

/**
 * The public half in a private key of OpenSSH's own format (its PROTOCOL.key), which is readable without the passphrase;
 * undefined for any other text.
 */
export function publicPartOf(text: string): Buffer | undefined {
	const [, body] = text.split(BEGIN)
	if (body === undefined) return undefined
	const bytes = Buffer.from(body.split("-----END")[0] ?? "", "base64")
	if (bytes.toString("latin1", 0, MAGIC.length) !== MAGIC) return undefined
	let at = MAGIC.length
	const next = () => {
		if (at + 4 > bytes.length) return undefined
		const begin = at + 4
		at = begin + bytes.readUInt32BE(at)
		return at > bytes.length ? undefined : bytes.subarray(begin, at)
	}
	const isWhole = ["cipher", "key derivation", "its options"].every(() => next() !== undefined)
	at += 4 // How many keys: always one.
	return isWhole ? next() : undefined
}
