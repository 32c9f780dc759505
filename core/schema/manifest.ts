import { z } from "zod"
import { MAX_SIGNATURE_BYTES } from "./module-statement.ts"

/** SHA-256 in lowercase hexadecimal: how content is named everywhere. */
export const digestSchema = z.string().regex(/^[0-9a-f]{64}$/)

/** One source file of a published module. */
export const sourceSchema = z.object({
	/** Normal path below `src/`, without the `src/` prefix. */
	target: z.string(),
	digest: digestSchema,
	/** Bytes. */
	size: z.number().int().nonnegative(),
	/** Permission bits, used for a destination that did not exist before. */
	mode: z.number().int().min(0).max(0o7777),
})
export type Source = z.infer<typeof sourceSchema>

/**
 * A module version as it travels: the exact text of `index.json` and the digest of every source. `digest` names the
 * whole: see `digestInput` for what it is taken over. Content travels apart, by digest.
 */
export const manifestSchema = z.object({
	/** Name of the module's folder; what an appliance remembers versions under. */
	name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/),
	index: z.string(),
	sources: z.array(sourceSchema),
	digest: digestSchema,
	/** Text of the file of signatures, as it was found; judged on the appliance alone. The digest does not cover it. */
	signatures: z.string().max(MAX_SIGNATURE_BYTES).optional(),
})
export type Manifest = z.infer<typeof manifestSchema>

/** The bytes a module's digest is the SHA-256 of: index text, then each source's target, digest and mode, by target. */
export function digestInput(index: string, sources: Source[]): string {
	const sorted = [...sources].sort((a, b) => (a.target < b.target ? -1 : a.target > b.target ? 1 : 0))
	return JSON.stringify([index, sorted.map((source) => [source.target, source.digest, source.mode])])
}

/** `src/auth.tsx` and `auth.tsx` name the same file (DESIGN §3). */
export function normalTarget(target: string): string {
	const parts = target.split("/").filter((part) => part !== "" && part !== ".")
	return (parts[0] === "src" && parts.length > 1 ? parts.slice(1) : parts).join("/")
}

/** A normal target as operations and calls name it: with `src/`, else `src/src/a` could not be told from `src/a`. */
export function writtenTarget(target: string): string {
	return `src/${target}`
}
