import { z } from "zod"

/** Seconds a closure or check command may take when its pool says nothing (DESIGN §3). */
export const DEFAULT_TIMEOUT_SECONDS = 300

/** A pool's name: also a file name on the appliance, hence the narrow alphabet (DESIGN §3). */
export const poolIdPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** Owner, group and mode that override what a destination had. Mode is octal, for example "0644". */
export const permissionsSchema = z.object({
	owner: z.string().optional(),
	group: z.string().optional(),
	mode: z.string().optional(),
})

/**
 * One file to replace (specification, "Pool Properties"). Trap of the wire format: `target` is the *source* below
 * `src/`, `destination` is the place on the appliance.
 */
export const operationSchema = z.object({
	target: z.string(),
	destination: z.string(),
	permissions: permissionsSchema.optional(),
})
export type Operation = z.infer<typeof operationSchema>

/** Related operations with one closure; succeeds or fails as a unit. */
export const poolSchema = z.object({
	id: z.string(),
	description: z.string().default(""),
	operations: z.array(operationSchema),
	closure: z.array(z.string()),
	checks: z.array(z.string()).default([]),
	timeoutSeconds: z.number().default(DEFAULT_TIMEOUT_SECONDS),
	confirmSeconds: z.number().optional(),
	/** Secrets that are masked on the appliance before anything is written or sent: see `parseRedact`. */
	redact: z.array(z.string()).default([]),
	enabled: z.boolean().default(true),
})
export type Pool = z.infer<typeof poolSchema>

/** The module's own account of itself; `schema_version` is its version, compared as a semantic version. */
export const metadataSchema = z.object({
	schema_version: z.string(),
	description: z.string().default(""),
	enabled: z.boolean().default(true),
	priority: z.union([z.string(), z.number()]).optional(),
})

/** A valid `index.json` with defaults filled in. The text it came from stays the document that is edited and published. */
export const moduleSchema = z.object({
	metadata: metadataSchema,
	pools: z.array(poolSchema),
	finalClosure: z.array(z.string()).default([]),
})
export type Module = z.infer<typeof moduleSchema>
