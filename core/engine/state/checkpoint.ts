import { z } from "zod"
import { goneSchema, sealSchema } from "../chain/link.ts"
import { writeFileAtomic } from "../disk/atomic-file.ts"
import { readSmallFile } from "../disk/content.ts"
import { parseJson } from "../disk/parse-json.ts"
import type { Host } from "../host.ts"
import type { Layout } from "../layout.ts"
import { engineStateSchema } from "./state.ts"

/**
 * Where the journals of ended runs have led to, written now and then: so that nobody has to read all of them to find the
 * one that is open, and the oldest can go.
 */
export const checkpointSchema = z.object({
	format: z.literal(1),
	/** Drawn from all of `runs`, and from every run that was here before and is gone. */
	state: engineStateSchema,
	/** Runs that have ended, or never began, oldest first: none of them can ever be open again. */
	runs: z.array(z.string()),
	/** The highest seal of all these and of those that are gone; null where none has any, absent from older runners. */
	head: sealSchema.nullable().optional(),
	/** Records that may be gone. */
	gone: z.array(goneSchema).optional(),
	/** The lowest record when `gone` was begun, where that was not the first: nobody knows what became of those before it. */
	unknownBefore: z.number().int().positive().optional(),
})
export type Checkpoint = z.infer<typeof checkpointSchema>

/** Undefined when there is none, or it is damaged: then every journal is looked at. */
export async function readCheckpoint(host: Host, layout: Layout): Promise<Checkpoint | undefined> {
	const bytes = await readSmallFile(host, layout.checkpoint)
	return bytes && parseJson(checkpointSchema, bytes)
}

export async function writeCheckpoint(host: Host, layout: Layout, checkpoint: Checkpoint): Promise<void> {
	await writeFileAtomic(host, layout.checkpoint, JSON.stringify(checkpoint))
}
