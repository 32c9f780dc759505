import { z } from "zod"
import { runKindSchema } from "./event.ts"
import { digestSchema } from "./manifest.ts"
import { finalClosureSchema, phaseSchema, poolOutcomeSchema, reasonSchema } from "./outcome.ts"

/** What became of one destination in a pool's run. */
export const historyFileSchema = z.object({
	destination: z.string(),
	/** Digest before (absent: there was no file) and after. */
	before: digestSchema.optional(),
	after: digestSchema.optional(),
})

export type HistoryFile = z.infer<typeof historyFileSchema>

export const historyCommandSchema = z.object({
	phase: phaseSchema,
	command: z.string(),
	exit: z.number().optional(),
	signal: z.string().optional(),
	timedOut: z.boolean().optional(),
	durationMs: z.number(),
})
export type HistoryCommand = z.infer<typeof historyCommandSchema>

/** One pool in one run, as the appliance remembers it. */
export const historyPoolSchema = z.object({
	pool: z.string(),
	outcome: poolOutcomeSchema,
	reason: reasonSchema.optional(),
	phases: z.array(z.object({ phase: phaseSchema, ok: z.boolean(), durationMs: z.number() })),
	files: z.array(historyFileSchema),
	commands: z.array(historyCommandSchema),
	durationMs: z.number(),
	/** Absent from older runners, and where the run never said so. */
	finishedAt: z.string().optional(),
})
export type HistoryPool = z.infer<typeof historyPoolSchema>

/**
 * A run's record in the appliance's chain of them: its place, the SHA-256 of its bytes as they lie there, and what it says of
 * the record before it (docs/state-folder.md).
 */
export const historySealSchema = z.object({
	number: z.number().int().positive(),
	digest: digestSchema,
	previous: digestSchema.optional(),
})

/** One run as the appliance remembers it; a desktop's own history can be rebuilt from these. */
export const historyRunSchema = z.object({
	run: z.string(),
	kind: runKindSchema,
	module: z.object({ name: z.string(), version: z.string(), digest: digestSchema }),
	startedAt: z.string(),
	finishedAt: z.string().optional(),
	by: z.string().optional(),
	/** Network address that the run was asked for from, as the appliance saw it. */
	from: z.string().optional(),
	/** Higher than that of every earlier run of this appliance, whose clock may be set back; absent from older runners. */
	turn: z.number().int().positive().optional(),
	/** `open`: still going on, or ended without a word and not yet recovered. */
	state: z.enum(["open", "finished"]),
	outcome: poolOutcomeSchema.optional(),
	interrupted: z.boolean().optional(),
	finalClosure: finalClosureSchema.optional(),
	/** Commands of the final closure; absent when none ran. */
	finalCommands: z.array(historyCommandSchema).optional(),
	pools: z.array(historyPoolSchema),
	/** Absent while the run is open, and of a run in no chain. */
	seal: historySealSchema.optional(),
})
export type HistoryRun = z.infer<typeof historyRunSchema>

/** What stands on an appliance now. */
export const statusSchema = z.object({
	runnerVersion: z.string(),
	/** The run that holds the lock, if one does. */
	running: z.object({ run: z.string(), since: z.string(), by: z.string().optional() }).optional(),
	/** Runs that ended without a word and wait for `recover`. */
	interrupted: z.array(z.string()),
	modules: z.array(
		z.object({
			name: z.string(),
			version: z.string(),
			digest: digestSchema,
			pools: z.array(z.object({ pool: z.string(), outcome: poolOutcomeSchema, run: z.string(), at: z.string() })),
		}),
	),
})
export type Status = z.infer<typeof statusSchema>
