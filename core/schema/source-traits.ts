import { z } from "zod"
import { digestSchema } from "./manifest.ts"

/** How much of a source is looked at, bytes. */
export const LOOKED_AT_BYTES = 1024 * 1024

/** What the bytes of a source say of it, so that nobody has to load the file. */
export const sourceTraitsSchema = z.object({
	target: z.string(),
	/** Of the content that this is said of. */
	digest: digestSchema,
	/** UTF-8, as far as it was looked at. */
	isText: z.boolean(),
	/** Of a file that is no such text, where it can be told: `PNG image`. */
	type: z.string().optional(),
	hasBom: z.boolean(),
	hasCrlf: z.boolean(),
	/** Begins with `#!`, also behind a BOM. */
	hasShebang: z.boolean(),
	/** True for an empty file as well. */
	endsInNewline: z.boolean(),
	/** What looks like a secret, never the secret itself; in the first 1 MiB. `line` is 1-based. */
	secrets: z.array(z.object({ line: z.number().int(), what: z.string() })),
})
export type SourceTraits = z.infer<typeof sourceTraitsSchema>
