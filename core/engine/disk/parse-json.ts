import type { z } from "zod"

/** What a file of the engine's own says; undefined when it is no JSON, or none of what the schema describes. */
export function parseJson<T>(schema: z.ZodType<T>, bytes: Uint8Array): T | undefined {
	try {
		return schema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data
	} catch {
		// What JSON says of half a file.
		return undefined
	}
}
