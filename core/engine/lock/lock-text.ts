import { z } from "zod"
import { parseJson } from "../disk/parse-json.ts"

export const lockSchema = z.object({
	run: z.string(),
	since: z.string(),
	by: z.string().optional(),
	/** A signal to anything else would mean a group of processes. */
	pid: z.number().int().positive(),
	startTime: z.string().optional(),
	bootId: z.string().optional(),
})
export type Lock = z.infer<typeof lockSchema>

/** Undefined for anything else: an emptied lock was released; only a power cut leaves half a one, and its holder is dead. */
export function parseLock(bytes: Uint8Array): Lock | undefined {
	return parseJson(lockSchema, bytes)
}
