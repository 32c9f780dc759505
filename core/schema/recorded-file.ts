import { z } from "zod"
import { failureSchema } from "./failure.ts"
import { digestSchema } from "./manifest.ts"
import { MAX_DIFF_BYTES } from "./unified-diff.ts"

/** A content by its digest, as a run's events name it; `size` where they tell it. */
export const recordedContentSchema = z.object({ digest: digestSchema, size: z.number().nonnegative().optional() })
export type RecordedContent = z.infer<typeof recordedContentSchema>

/** What a run found at a destination, or left there: only ever the content of the recorded digest. */
export const recordedSideSchema = z.discriminatedUnion("state", [
	/** There was no file. */
	z.object({ state: z.literal("none") }),
	/** `from`: the module's files on this desktop, or the appliance. */
	z.object({ state: z.literal("text"), text: z.string().max(MAX_DIFF_BYTES), from: z.enum(["module", "appliance"]) }),
	z.object({ state: z.literal("binary") }),
	z.object({ state: z.literal("too-large") }),
	/** Neither here nor on the appliance any more. */
	z.object({ state: z.literal("gone") }),
	/** It is not here, and the appliance could not be asked. */
	z.object({ state: z.literal("failed"), failure: failureSchema }),
])
export type RecordedSide = z.infer<typeof recordedSideSchema>

export const recordedFileSchema = z.object({ before: recordedSideSchema, after: recordedSideSchema })
export type RecordedFile = z.infer<typeof recordedFileSchema>
