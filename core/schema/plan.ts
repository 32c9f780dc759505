import { z } from "zod"
import { findingSchema } from "./finding.ts"
import { digestSchema } from "./manifest.ts"

/** What a run would do to one destination. */
export const plannedOperationSchema = z.object({
	target: z.string(),
	destination: z.string(),
	change: z.enum(["create", "replace", "unchanged", "mode-only", "blocked"]),
	/** Bytes now (absent: no file) and after. */
	sizeBefore: z.number().optional(),
	sizeAfter: z.number(),
	/** Where a link at the destination leads: that file is written, the link stays. */
	linkTo: z.string().optional(),
	/** Folders that will be made, outermost first. */
	makes: z.array(z.string()),
	/** `ours`: as we last wrote it; `changed`: differs from what we last wrote; `never-ours`: we never wrote it. */
	drift: z.enum(["ours", "changed", "never-ours", "missing"]),
	/** Unified diff for text up to 1 MiB. */
	diff: z.string().optional(),
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

/** What a run would do, without doing it; the very object the interface shows. */
export const planSchema = z.object({
	module: z.object({ name: z.string(), version: z.string(), digest: digestSchema }),
	/** The version that stands on the appliance now, if any. */
	installedVersion: z.string().optional(),
	pools: z.array(plannedPoolSchema),
	finalClosure: z.array(z.string()),
	space: z.object({ neededBytes: z.number(), freeBytes: z.number() }),
	/** Findings of the module itself. */
	findings: z.array(findingSchema),
	/** Set when a run would be refused as a whole: lower version, same version with other content, module disabled. */
	refusal: z.string().optional(),
})
export type Plan = z.infer<typeof planSchema>
