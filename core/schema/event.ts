import { z } from "zod"
import { digestSchema } from "./manifest.ts"
import { finalClosureSchema, phaseSchema, poolOutcomeSchema, reasonSchema } from "./outcome.ts"

/** What was done to one destination. */
export const fileActionSchema = z.enum([
	"backed-up",
	/** Changed as its owner might have, before a rehearsal proves itself on it. */
	"changed",
	"created",
	"replaced",
	"restored",
	"removed",
	"verified",
])
export type FileAction = z.infer<typeof fileActionSchema>

/** Sorts of run: what a person asked for. */
export const runKindSchema = z.enum(["apply", "rehearse", "revert", "recover"])
export type RunKind = z.infer<typeof runKindSchema>

const common = {
	/** 1, 2, 3 ... within a run, without a gap. */
	seq: z.number().int().positive(),
	/** ISO 8601, UTC. */
	time: z.string(),
	run: z.string(),
}
/** The pool an event is about; absent for the final closure. */
const inPool = { pool: z.string().optional(), phase: phaseSchema }

/** Everything a run says about itself, in order (DESIGN §6). */
export const knownEventSchema = z.discriminatedUnion("type", [
	z.object({
		...common,
		type: z.literal("run-started"),
		kind: runKindSchema,
		module: z.object({ name: z.string(), version: z.string(), digest: digestSchema }),
		/** The pools that this run will go through, in order. */
		pools: z.array(z.string()),
		/** Who asked, as far as known. */
		by: z.string().optional(),
		/** Network address that it was asked from, as the appliance saw it; absent for its own terminal. */
		from: z.string().optional(),
		/** Higher than that of every earlier run of this appliance, whose clock may be set back; absent from older runners. */
		turn: z.number().int().positive().optional(),
	}),
	z.object({ ...common, type: z.literal("pool-started"), pool: z.string() }),
	z.object({ ...common, type: z.literal("phase-started"), ...inPool }),
	z.object({
		...common,
		type: z.literal("file"),
		...inPool,
		destination: z.string(),
		action: fileActionSchema,
		digest: digestSchema.optional(),
		size: z.number().optional(),
	}),
	z.object({ ...common, type: z.literal("command-started"), ...inPool, index: z.number().int(), command: z.string() }),
	z.object({
		...common,
		type: z.literal("command-output"),
		...inPool,
		index: z.number().int(),
		stream: z.enum(["stdout", "stderr"]),
		text: z.string(),
		/** Bytes left out before `text` (DESIGN invariant 9). */
		cutBytes: z.number().int().optional(),
	}),
	z.object({
		...common,
		type: z.literal("command-finished"),
		...inPool,
		index: z.number().int(),
		exit: z.number().int().optional(),
		signal: z.string().optional(),
		timedOut: z.boolean().optional(),
		durationMs: z.number(),
		cutBytes: z.number().int().optional(),
	}),
	z.object({ ...common, type: z.literal("phase-finished"), ...inPool, ok: z.boolean(), durationMs: z.number() }),
	z.object({
		...common,
		type: z.literal("pool-finished"),
		pool: z.string(),
		outcome: poolOutcomeSchema,
		reason: reasonSchema.optional(),
		durationMs: z.number().optional(),
	}),
	z.object({ ...common, type: z.literal("final-closure"), ...finalClosureSchema.shape }),
	/** Something a person should know that stops nothing. */
	z.object({
		...common,
		type: z.literal("warning"),
		pool: z.string().optional(),
		phase: phaseSchema.optional(),
		/** One sentence, lowercase, no full stop. */
		message: z.string(),
	}),
	z.object({ ...common, type: z.literal("heartbeat") }),
	z.object({
		...common,
		type: z.literal("run-finished"),
		outcome: poolOutcomeSchema,
		finalClosure: finalClosureSchema.optional(),
		/** Set when a later `recover` ended the run in place of a runner that died. */
		interrupted: z.boolean().optional(),
	}),
])
export type RunEvent = z.infer<typeof knownEventSchema>

/** An event of a newer runner: kept and shown by its name, never refused (DESIGN §6). */
export const unknownEventSchema = z.looseObject({ ...common, type: z.string() })
export type UnknownEvent = z.infer<typeof unknownEventSchema>

export type AnyEvent = RunEvent | UnknownEvent

/** An event before the run gives it its number, time and run id. */
export type EventBody = RunEvent extends infer E
	? E extends RunEvent
		? Omit<E, "seq" | "time" | "run">
		: never
	: never

/** Events that were found to be known: parsing takes longer than all else that is done with most of them. */
const known = new WeakSet<AnyEvent>()

/** Parses one event, known or not; undefined when it is none at all. */
export function parseEvent(value: unknown): AnyEvent | undefined {
	const parsed = knownEventSchema.safeParse(value)
	if (parsed.success) {
		known.add(parsed.data)
		return parsed.data
	}
	return unknownEventSchema.safeParse(value).data
}

/** Whether an event is one that this program knows in full. */
export function isKnownEvent(event: AnyEvent): event is RunEvent {
	return known.has(event) || knownEventSchema.safeParse(event).success
}
