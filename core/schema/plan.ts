import { z } from "zod"
import { findingSchema } from "./finding.ts"
import { statusSchema } from "./history.ts"
import { digestSchema } from "./manifest.ts"

/** What a run would do to one destination. */
export const plannedOperationSchema = z.object({
	/** Empty where no source is meant: the customer's original comes back. */
	target: z.string(),
	destination: z.string(),
	/**
	 * `mode-only`: same content, other owner, group or mode. Going back to a lower version, for what that does not have:
	 * `restore-original` puts the customer's original back, `remove` takes away what there was none of.
	 */
	change: z.enum(["create", "replace", "unchanged", "mode-only", "restore-original", "remove", "blocked"]),
	/** The pool of this run that writes it first: size before, change and diff are against what that one leaves. */
	writtenBy: z.string().optional(),
	/** Bytes now (absent: no file) and after. */
	sizeBefore: z.number().optional(),
	sizeAfter: z.number(),
	/** Of what stands there before, where that can be read. */
	digestBefore: digestSchema.optional(),
	/** Mode, user and group id before and after, where one of them would change: "0600 0:0", "0640 0:33". */
	permissions: z.object({ before: z.string(), after: z.string() }).optional(),
	/** Where a link at the destination leads: that file is written, the link stays. */
	linkTo: z.string().optional(),
	/** Folders that will be made, outermost first. */
	makes: z.array(z.string()),
	/** `ours`: as we last wrote it; `changed`: differs from what we last wrote; `never-ours`: we never wrote it. */
	drift: z.enum(["ours", "changed", "never-ours", "missing"]),
	/** Unified diff for text up to 1 MiB. */
	diff: z.string().optional(),
	/**
	 * Where the appliance lacks the new content, and the asker wants to compare: the text as it stands, up to 1 MiB, and
	 * 4 MiB in a plan.
	 */
	before: z.string().optional(),
	/** Why the destination cannot be written (`blocked`). */
	faults: z.array(z.string()),
})
export type PlannedOperation = z.infer<typeof plannedOperationSchema>

export const plannedPoolSchema = z.object({
	pool: z.string(),
	description: z.string(),
	/** What the run would do with the pool as a whole. */
	would: z.enum(["apply", "unchanged", "skip", "fail-preflight"]),
	operations: z.array(plannedOperationSchema),
	checks: z.array(z.string()),
	closure: z.array(z.string()),
	timeoutSeconds: z.number(),
	confirmSeconds: z.number().optional(),
	warnings: z.array(z.string()),
})
export type PlannedPool = z.infer<typeof plannedPoolSchema>

/** Room on one file system, while backups and new files stand beside the old ones. */
export const plannedSpaceSchema = z.object({
	/** A folder on it. */
	folder: z.string(),
	neededBytes: z.number(),
	freeBytes: z.number(),
	neededFiles: z.number(),
	/** Absent where their number has no limit. */
	freeFiles: z.number().optional(),
})

/** What a run would do, without doing it; the very object the interface shows. */
export const planSchema = z.object({
	module: z.object({ name: z.string(), version: z.string(), digest: digestSchema }),
	/** The version that stands on the appliance now, if any. */
	installedVersion: z.string().optional(),
	/** The run that is going on there: what it leaves is not foreseen. */
	running: statusSchema.shape.running,
	/** Runs that were cut short: a run puts them back first, and that is not foreseen either. */
	interrupted: z.array(z.string()).default([]),
	pools: z.array(plannedPoolSchema),
	finalClosure: z.array(z.string()),
	/** Of the file system where it gets tight first. */
	space: z.object({ neededBytes: z.number(), freeBytes: z.number() }),
	/** Every file system that is written to. */
	spaces: z.array(plannedSpaceSchema).default([]),
	/** Findings of the module itself, and of its commands on this appliance (`command-missing`, `unit-missing`). */
	findings: z.array(findingSchema),
	/**
	 * Set when a run would be refused as a whole: lower version, same version with other content, module disabled, or only
	 * root could do it in full.
	 */
	refusal: z.string().optional(),
})
export type Plan = z.infer<typeof planSchema>

/** A plan that a run can be started with: `digest` names everything that a person decides by (`plan-facts.ts`). */
export const reviewPlanSchema = planSchema.extend({ digest: digestSchema })
export type ReviewPlan = z.infer<typeof reviewPlanSchema>
