import type { Host } from "../host.ts"

/** SHA-256 of a text or of bytes that are in memory. */
export function digestOf(host: Pick<Host, "createHash">, content: string | Uint8Array): string {
	const hash = host.createHash()
	hash.update(typeof content === "string" ? new TextEncoder().encode(content) : content)
	return hash.digest()
}
