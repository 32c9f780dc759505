import { z } from "zod"
import { seenDestinationSchema } from "./appliance-files.ts"
import { failureSchema } from "./failure.ts"
import { sourceResultSchema } from "./library.ts"
import { digestSchema } from "./manifest.ts"
import { permissionsSchema } from "./module.ts"

/** Files of one fetch. */
export const MAX_FETCHED_FILES = 50
/** Appliances of one comparison. */
export const MAX_COMPARED = 50

/** What became of one fetched file. `operation`: what a pool needs to bring it back there; absent where it failed. */
export const fetchResultSchema = z.object({
	path: z.string(),
	/** Where it really lies, where that is another place. */
	realPath: z.string().optional(),
	result: sourceResultSchema,
	operation: z.object({ target: z.string(), destination: z.string(), permissions: permissionsSchema }).optional(),
})
export type FetchResult = z.infer<typeof fetchResultSchema>

/** A destination that is compared, and where its source lies or would lie. */
export const askedFileSchema = z.object({
	destination: z.string(),
	target: z.string(),
	/** Those that name it; none for a path that the module knows nothing of. */
	pools: z.array(z.string()),
})
export type AskedFile = z.infer<typeof askedFileSchema>

/** `asked` comes once and first; then each appliance when it answers, `seen` in the order of `asked`. */
export const comparingSchema = z.discriminatedUnion("kind", [
	z.object({
		kind: z.literal("asked"),
		files: z.array(askedFileSchema),
		/** Destinations that were left out, because there are more than are compared at once. */
		left: z.number(),
	}),
	z.object({ kind: z.literal("seen"), id: z.string(), seen: z.array(seenDestinationSchema) }),
	/** It could not be asked. */
	z.object({ kind: z.literal("failed"), id: z.string(), failure: failureSchema }),
])
export type Comparing = z.infer<typeof comparingSchema>

/** One of the files beside each other; without `text` where it is none, or too long to be shown. */
export const comparedSideSchema = z.object({
	digest: digestSchema.optional(),
	size: z.number().optional(),
	text: z.string().optional(),
})
export type ComparedSide = z.infer<typeof comparedSideSchema>

/** Absent sides: there is none, or it is not kept any more. Diffs where both sides are texts. */
export const fileComparisonSchema = z.object({
	ours: comparedSideSchema.optional(),
	theirs: comparedSideSchema.optional(),
	applied: comparedSideSchema.optional(),
	oursToTheirs: z.string().optional(),
	appliedToTheirs: z.string().optional(),
})
export type FileComparison = z.infer<typeof fileComparisonSchema>
