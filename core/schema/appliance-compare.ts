import { z } from "zod"
import { appliedFileSchema, standingFileSchema } from "./appliance-files.ts"
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

/** One state in which a destination stands on some of the appliances. */
export const variantSchema = z.object({
	now: standingFileSchema,
	/** It has the very bytes of our source. */
	isOurs: z.boolean(),
	appliances: z.array(z.object({ id: z.string(), applied: appliedFileSchema.optional() })),
})
export type Variant = z.infer<typeof variantSchema>

/** A destination of the module, on all appliances that answered; most frequent variant first. */
export const comparedFileSchema = z.object({
	destination: z.string(),
	target: z.string(),
	pools: z.array(z.string()),
	/** Absent: there is no such source. */
	ours: z.object({ digest: digestSchema, size: z.number() }).optional(),
	variants: z.array(variantSchema),
})
export type ComparedFile = z.infer<typeof comparedFileSchema>

export const comparisonSchema = z.object({
	files: z.array(comparedFileSchema),
	/** Appliances that could not be asked. */
	failed: z.array(z.object({ id: z.string(), failure: failureSchema })),
	/** Destinations that were left out, because there are more than are compared at once. */
	left: z.number(),
})
export type Comparison = z.infer<typeof comparisonSchema>

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
