import { z } from "zod"

/** Seconds a closure or check command may take when its pool says nothing (DESIGN §3). */
export const DEFAULT_TIMEOUT_SECONDS = 300

/** A pool's name: also a file name on the appliance, hence the narrow alphabet (DESIGN §3). */
export const poolIdPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** Owner, group and mode that override what a destination had. Mode is octal, for example "0644". */
export const permissionsSchema = z.object({
	owner: z.string().optional().describe("name, or number as text; kept where it is not said"),
	group: z.string().optional().describe("name, or number as text; kept where it is not said"),
	mode: z.string().optional().describe('octal, for example "0644"; kept where it is not said'),
})

/**
 * One file to replace (specification, "Pool Properties"). Trap of the wire format: `target` is the *source* below
 * `src/`, `destination` is the place on the appliance.
 */
export const operationSchema = z.object({
	target: z.string().describe("the *source* below `src/`; `auth.tsx` and `src/auth.tsx` are the same file"),
	destination: z.string().describe("the place on the appliance: absolute and normal"),
	permissions: permissionsSchema.optional().describe("override what the destination had"),
})
export type Operation = z.infer<typeof operationSchema>

/** Related operations with one closure; succeeds or fails as a unit. */
export const poolSchema = z.object({
	id: z.string().describe("the pool's name, unique in the module: 1 to 64 letters, digits, `.`, `_` and `-`"),
	description: z.string().default("").describe("what the pool repairs, for people"),
	operations: z.array(operationSchema).describe("the files that belong together; at least one"),
	closure: z
		.array(z.string())
		.describe("commands that prove the pool; at least one. One shell, started in `/`: `cd` and `export` carry over"),
	checks: z
		.array(z.string())
		.default([])
		.describe("read-only commands, run before anything is touched and again after the closure"),
	timeoutSeconds: z.number().default(DEFAULT_TIMEOUT_SECONDS).describe("time limit of each command"),
	confirmSeconds: z
		.number()
		.optional()
		.describe("for fixes to sshd, firewall or network: put back unless a fresh connection confirms in time"),
	/** Masked on the appliance before anything is written or sent: see `parseRedact`. */
	redact: z
		.array(z.string())
		.default([])
		.describe("secrets to mask: `$NAME` is the value of an environment variable, any other text is the secret itself"),
	enabled: z.boolean().default(true).describe("`false`: the pool is skipped"),
})
export type Pool = z.infer<typeof poolSchema>

/** The module's own account of itself; `schema_version` is its version, compared as a semantic version. */
export const metadataSchema = z.object({
	schema_version: z
		.string()
		.describe("the module's version, a semantic version; a higher one applies every pool again"),
	description: z.string().default("").describe("what the module is for"),
	enabled: z.boolean().default(true).describe("`false`: a run of the module is refused"),
	priority: z
		.union([z.string(), z.number()])
		.optional()
		.describe("a word or number of the appliances' own; kept, not used here"),
})

/** A valid `index.json` with defaults filled in. The text it came from stays the document that is edited and published. */
export const moduleSchema = z.object({
	metadata: metadataSchema.describe("the module's account of itself"),
	pools: z.array(poolSchema).describe("run in this order; each succeeds or fails as a unit; at least one"),
	finalClosure: z
		.array(z.string())
		.default([])
		.describe("run when every enabled pool stands applied; its failure is reported, nothing is put back"),
})
export type Module = z.infer<typeof moduleSchema>
