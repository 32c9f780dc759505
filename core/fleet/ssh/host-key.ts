import { createHash } from "node:crypto"

/** Host key algorithms this program accepts, best first. SHA-1 (`ssh-rsa`) and DSA are left out on purpose. */
export const HOST_KEY_ALGORITHMS = [
	"ssh-ed25519",
	"ecdsa-sha2-nistp256",
	"ecdsa-sha2-nistp384",
	"ecdsa-sha2-nistp521",
	"rsa-sha2-512",
	"rsa-sha2-256",
] as const
export type HostKeyAlgorithm = (typeof HOST_KEY_ALGORITHMS)[number]

/** A public host key as it comes over the wire (RFC 4253, 6.6): its type is the first string in it. */
export function keyTypeOf(blob: Buffer): string {
	if (blob.length < 4) return ""
	const length = blob.readUInt32BE(0)
	return length <= 64 && length <= blob.length - 4 ? blob.toString("latin1", 4, 4 + length) : ""
}

/** As `ssh-keygen -lf` prints it. */
export function fingerprintOf(blob: Buffer): string {
	return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`
}

/**
 * The accepted algorithms with those of known keys first, as OpenSSH does. Trap: in the plain order a host known by its
 * RSA key alone would offer its ed25519 key and look like a changed one.
 */
export function algorithmsFor(knownTypes: readonly string[]): HostKeyAlgorithm[] {
	const known = new Set(knownTypes.flatMap((type) => (type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type])))
	const isKnown = (algorithm: string) => known.has(algorithm)
	return [...HOST_KEY_ALGORITHMS.filter(isKnown), ...HOST_KEY_ALGORITHMS.filter((name) => !isKnown(name))]
}
