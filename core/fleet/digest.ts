import { createHash } from "node:crypto"

/** SHA-256 of a text, as every digest. */
export const digestOf = (text: string | Uint8Array): string => createHash("sha256").update(text).digest("hex")
