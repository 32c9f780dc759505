import { z } from "zod"
import { plainText } from "./plain-text.ts"

const MAX_COMMENT = 100

/** What a person calls a key: one line, which `trusted-keys` takes as it is. */
export const keyCommentSchema = z
	.string()
	.trim()
	.max(MAX_COMMENT)
	.refine((text) => plainText(text) === text, "no control characters")

/** The public half as SSH writes it, in base64. */
export const publicKeySchema = z.string().regex(/^[A-Za-z0-9+/]{68}$/)

/**
 * Why this program keeps no key: `none-here` is not the desktop app, `basic-text` is a system without a keychain,
 * `unavailable` one whose keychain is closed or does not answer.
 */
export const noKeychainSchema = z.enum(["none-here", "basic-text", "unavailable"])
export type NoKeychain = z.infer<typeof noKeychainSchema>

export const signingKeySchema = z.object({
	key: publicKeySchema,
	/** As `ssh-keygen -l` prints it. */
	fingerprint: z.string(),
	comment: z.string(),
	/** Who has the private half: the SSH agent, the app by the system's keychain; `nobody`: neither of them now. */
	holder: z.enum(["agent", "keychain", "nobody"]),
	/** What is published here is signed by it. */
	signs: z.boolean(),
})
export type SigningKey = z.infer<typeof signingKeySchema>

/** Every key that signs here or could: those that sign first. Never a private half, sealed or not. */
export const signingKeysSchema = z.object({
	keys: z.array(signingKeySchema),
	/** Absent: there is a keychain. */
	noKeychain: noKeychainSchema.optional(),
	/** Why the agent gives no keys, in words. */
	agentProblem: z.string().optional(),
	/** Keys of the agent that are of no use for modules: of another type. */
	unfit: z.number(),
	/** Files of kept keys that say nothing. */
	damaged: z.array(z.string()),
})
export type SigningKeys = z.infer<typeof signingKeysSchema>

/** The line of `id_ed25519.pub`, and of an appliance's `trusted-keys`. */
export function printPublicKey({ key, comment }: Pick<SigningKey, "key" | "comment">): string {
	return `ssh-ed25519 ${key} ${plainText(comment)}`.trim()
}
