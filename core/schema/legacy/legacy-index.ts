import { z } from "zod"
import { metadataSchema } from "../module.ts"

/** What a legacy operation may say of its target; `user` is what a pool calls `owner`. */
const permissionsSchema = z.object({
	user: z.string().optional(),
	group: z.string().optional(),
	mode: z.string().optional(),
})

/**
 * One step of the operation-based format. Trap: here `source` is the file in `src/` and `target` the place on the
 * appliance; a pool's operation calls these `target` and `destination`.
 */
export const legacyOperationSchema = z.object({
	id: z.string(),
	/** `copy`, `append`, `symlink`, `execute`; any other is told as not converted. */
	type: z.string(),
	source: z.string(),
	/** Every type but `execute` needs it. */
	target: z.string().optional(),
	description: z.string().default(""),
	backup: z.boolean().optional(),
	permissions: permissionsSchema.optional(),
	enabled: z.boolean().optional(),
	identifier: z.string().optional(),
	marker: z.string().optional(),
	working_dir: z.string().optional(),
	/** Seconds. */
	timeout: z.number().optional(),
	cleanup_after: z.boolean().optional(),
})
export type LegacyOperation = z.infer<typeof legacyOperationSchema>

export const legacyCheckSchema = z.object({
	command: z.string(),
	/** The trimmed output. */
	expected: z.string().optional(),
	expected_exit_code: z.number().optional(),
	description: z.string().optional(),
})
export type LegacyCheck = z.infer<typeof legacyCheckSchema>

export const legacyConfigSchema = z.object({
	backup_dir: z.string().optional(),
	log_file: z.string().optional(),
	/** Seconds that each check may take. */
	validation_timeout: z.number().optional(),
	rollback_on_failure: z.boolean().default(true),
})

export const legacyValidationSchema = z.object({
	pre_checks: z.array(legacyCheckSchema).default([]),
	post_checks: z.array(legacyCheckSchema).default([]),
})

export const legacyRollbackSchema = z.object({
	enabled: z.boolean().default(true),
	preserve_backups: z.boolean().optional(),
	rollback_order: z.string().optional(),
})

export const operationsIndexSchema = z.object({
	metadata: metadataSchema,
	config: legacyConfigSchema.optional(),
	operations: z.array(legacyOperationSchema),
	validation: legacyValidationSchema.optional(),
	rollback: legacyRollbackSchema.optional(),
})
export type OperationsIndex = z.infer<typeof operationsIndexSchema>

/** When a target's script is run; the further keys belong to its type. */
export const versionCheckSchema = z.object({
	type: z.string(),
	path: z.string().optional(),
	invert: z.boolean().optional(),
	value: z.boolean().optional(),
	module: z.string().optional(),
	binary: z.string().optional(),
	max_version: z.string().optional(),
	description: z.string().optional(),
})

/** One step of the later variant: the script `src/<id>.sh`. */
export const legacyTargetSchema = z.object({
	id: z.string(),
	description: z.string().default(""),
	target_id: z.string().optional(),
	version_check: versionCheckSchema,
	has_run: z.boolean().optional(),
})
export type LegacyTarget = z.infer<typeof legacyTargetSchema>

export const targetsIndexSchema = z.object({ metadata: metadataSchema, targets: z.array(legacyTargetSchema) })
export type TargetsIndex = z.infer<typeof targetsIndexSchema>

/** What the pool variant adds to a pool; the rest is the present format. */
export const legacyPoolSchema = z.object({
	id: z.string(),
	has_run: z.boolean().optional(),
	target_schema_version: z.string().optional(),
})
export const poolsIndexSchema = z.object({ pools: z.array(legacyPoolSchema) })
export type PoolsIndex = z.infer<typeof poolsIndexSchema>
