import { z } from "zod"

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
export function parseLock(text: string): Lock | undefined {
	try {
		return lockSchema.safeParse(JSON.parse(text)).data
	} catch {
		return undefined
	}
}
