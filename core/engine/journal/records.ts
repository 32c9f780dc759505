import { z } from "zod"
import { runKindSchema } from "../../schema/event.ts"
import { digestSchema } from "../../schema/manifest.ts"
import { finalClosureSchema, phaseSchema, poolOutcomeSchema, reasonSchema } from "../../schema/outcome.ts"
import { sealSchema } from "../chain/link.ts"

export const moduleVersionSchema = z.object({ name: z.string(), version: z.string(), digest: digestSchema })
export type ModuleVersion = z.infer<typeof moduleVersionSchema>

/**
 * What a run's journal holds, in this order:
 * run-open, then per pool: pool-open, phases, backup-complete, phases, pool-closed; at last run-closed.
 * Which of them are synced before anything else happens, and why, is in the engine's README.
 */
export const journalRecordSchema = z.discriminatedUnion("type", [
	z.object({
		type: z.literal("run-open"),
		run: z.string(),
		kind: runKindSchema,
		module: moduleVersionSchema,
		/** Every pool this run goes through, in order. */
		pools: z.array(z.string()),
		/** The final closure is due when all of these stand applied; absent when it never is in this run. */
		finalClosureOf: z.array(z.string()).optional(),
		/** Why, in the module's own words, masked and cut: for the receipt. Absent in runs of older runners. */
		about: z.object({ module: z.string(), pools: z.record(z.string(), z.string()) }).optional(),
		by: z.string().optional(),
		/** Network address that it was asked from. */
		from: z.string().optional(),
		/** Higher than that of every earlier run here: a clock may be set back. Absent in runs of older runners. */
		turn: z.number().int().positive().optional(),
		at: z.string(),
	}),
	z.object({ type: z.literal("pool-open"), pool: z.string(), at: z.string() }),
	/** For the reason of an interrupted pool, and for ending what its commands left running. Not synced. */
	z.object({
		type: z.literal("phase"),
		pool: z.string().optional(),
		phase: phaseSchema,
		/** The mark of the commands that this phase runs. */
		mark: z.string().optional(),
		/** Paths that the way back leaves alone; synced where there are any. */
		left: z.array(z.string()).optional(),
	}),
	/** `manifest`: digest of the backup's manifest, which is on disk with all it names. From here on files may change. */
	z.object({ type: z.literal("backup-complete"), pool: z.string(), manifest: digestSchema }),
	/** The one commit point of a pool. */
	z.object({
		type: z.literal("pool-closed"),
		pool: z.string(),
		outcome: poolOutcomeSchema,
		reason: reasonSchema.optional(),
		at: z.string(),
	}),
	z.object({
		type: z.literal("run-closed"),
		outcome: poolOutcomeSchema,
		finalClosure: finalClosureSchema.optional(),
		interrupted: z.boolean().optional(),
		/** Of the run's record; absent from older runners. */
		seal: sealSchema.optional(),
		at: z.string(),
	}),
])
export type JournalRecord = z.infer<typeof journalRecordSchema>
export type RunOpen = Extract<JournalRecord, { type: "run-open" }>

/**
 * Compares runs: the older one first, also where the clock was set back between them. Of older runners' only the clock
 * tells.
 */
export function byTurn(a: Pick<RunOpen, "turn" | "at">, b: Pick<RunOpen, "turn" | "at">): number {
	const turns = a.turn === undefined || b.turn === undefined ? 0 : a.turn - b.turn
	return turns || (a.at < b.at ? -1 : 1)
}

type Origin = Pick<RunOpen, "by" | "from" | "turn">

/** Who asked for a run, from where, and when among all runs, as far as known. */
export function originOf({ by, from, turn }: Origin): Origin {
	return {
		...(by === undefined ? {} : { by }),
		...(from === undefined ? {} : { from }),
		...(turn === undefined ? {} : { turn }),
	}
}

export type PoolClosed = Extract<JournalRecord, { type: "pool-closed" }>
