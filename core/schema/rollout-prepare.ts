import { z } from "zod"
import { askedFileSchema } from "./appliance-compare.ts"
import { failureSchema } from "./failure.ts"
import { digestSchema } from "./manifest.ts"

/** Appliances of one preparation. */
export const MAX_PREPARED = 2000

const count = z.number().int().nonnegative()
/** Appliances by their places in `preparationSchema.appliances`: a fleet's ids would be said a thousand times. */
const places = z.array(count)

/** Where a content of a destination comes from, as far as the appliances' own records and our versions tell. */
export const originSchema = z.discriminatedUnion("kind", [
	/** The very bytes that this module would write. */
	z.object({ kind: z.literal("ours") }),
	/** A version of a module wrote it, by the records of most that have it, or the library has it in a published version. */
	z.object({ kind: z.literal("version"), module: z.string(), version: z.string() }),
	/** Somebody changed what we wrote there last. */
	z.object({ kind: z.literal("changed") }),
	/** Never written by us; the one that more appliances of one OS release have than any other. */
	z.object({ kind: z.literal("factory") }),
	/** Never written by us, and another one than the factory's. */
	z.object({ kind: z.literal("own") }),
	/** Never written by us, and on too few appliances to say whose it is. */
	z.object({ kind: z.literal("unknown") }),
	/** There is no such file. */
	z.object({ kind: z.literal("missing") }),
	/** We wrote it, and somebody took it away. */
	z.object({ kind: z.literal("removed") }),
	/** A folder, a pipe, a link in a circle. */
	z.object({ kind: z.literal("refused"), failure: failureSchema }),
])
export type Origin = z.infer<typeof originSchema>

export const preparedVariantSchema = z.object({
	origin: originSchema,
	/** Bytes, on the first of them; absent where there is no file. */
	size: count.optional(),
	digest: digestSchema.optional(),
	places,
	/** Those of them where our record has other bytes than stand there now. */
	changed: count,
	/** Those of them where a run would write to it. */
	written: count,
})
export type PreparedVariant = z.infer<typeof preparedVariantSchema>

export const preparedFileSchema = askedFileSchema.extend({
	/** The most frequent first. */
	variants: z.array(preparedVariantSchema),
})
export type PreparedFile = z.infer<typeof preparedFileSchema>

/** What a person should know of an appliance before anything is changed there. */
export const preparedFindingSchema = z.discriminatedUnion("kind", [
	/** It was not reached, cannot be worked on, has no room. */
	z.object({ kind: z.literal("failure"), failure: failureSchema }),
	/** The run as a whole would be refused; in words. */
	z.object({ kind: z.literal("refused"), reason: z.string() }),
	/** The pool would fail before anything is touched. */
	z.object({ kind: z.literal("blocked"), pool: z.string(), reason: z.string() }),
	z.object({ kind: z.literal("warning"), pool: z.string().optional(), text: z.string() }),
	/** A run was cut short there. */
	z.object({ kind: z.literal("interrupted") }),
	/** Everything stands applied. */
	z.object({ kind: z.literal("nothing-to-do") }),
])
export type PreparedFinding = z.infer<typeof preparedFindingSchema>

/** `file`, `variant`: their places in `files`. */
export const featureSchema = z.discriminatedUnion("kind", [
	z.object({ kind: z.literal("variant"), file: count, variant: count }),
	z.object({ kind: z.literal("os"), name: z.string() }),
	z.object({ kind: z.literal("node"), name: z.string() }),
])
export type Feature = z.infer<typeof featureSchema>

const featureOnSchema = z.object({
	feature: featureSchema,
	/** Appliances of the fleet that have it. */
	on: count,
})
export type FeatureOn = z.infer<typeof featureOnSchema>

export const canarySchema = z.object({
	chosen: z.array(
		z.object({
			place: count,
			/** What it stands for and none of those before it does, the rarest first. */
			covers: z.array(featureOnSchema),
		}),
	),
	/** Seen only where a run could not begin now. */
	uncovered: z.array(featureOnSchema),
	/** Whether no smaller choice can do; else none was found in the time that is spent on it. */
	isSmallest: z.boolean(),
})
export type Canary = z.infer<typeof canarySchema>

/** Everything there is to know before a rollout, of those that have answered so far. */
export const preparationSchema = z.object({
	module: z.object({ name: z.string(), version: z.string(), digest: digestSchema }),
	appliances: z.array(z.object({ id: z.string(), name: z.string() })),
	/** Those that answered, or could not be reached. */
	done: count,
	/** Those of them where a run could begin now. */
	ready: count,
	files: z.array(preparedFileSchema),
	/** Destinations that were left out, because there are more than are looked at. */
	left: count,
	/** By cause, what hinders a run first. */
	findings: z.array(z.object({ finding: preparedFindingSchema, places })),
	/** Empty until all have been looked at. */
	canary: canarySchema,
})
export type Preparation = z.infer<typeof preparationSchema>

/** `prepared` comes again and again as more is known; the last one is the whole. */
export const preparingSchema = z.discriminatedUnion("kind", [
	z.object({ kind: z.literal("progress"), done: count, total: count }),
	/** A person is asked about so many host keys, all at once. */
	z.object({ kind: z.literal("asking"), keys: count }),
	z.object({ kind: z.literal("prepared"), preparation: preparationSchema }),
])
export type Preparing = z.infer<typeof preparingSchema>
