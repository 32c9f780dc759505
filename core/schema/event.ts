import { z } from "zod"
import { digestSchema } from "./manifest.ts"
import { finalClosureSchema, phaseSchema, poolOutcomeSchema, reasonSchema } from "./outcome.ts"

/** What was done to one destination. */
export const fileActionSchema = z
	.enum(["backed-up", "changed", "created", "replaced", "restored", "removed", "verified"])
	.describe("`changed`: as its owner might have, before a rehearsal proves itself on it")
export type FileAction = z.infer<typeof fileActionSchema>

/** Sorts of run: what a person asked for. */
export const runKindSchema = z.enum(["apply", "rehearse", "revert", "recover"])
export type RunKind = z.infer<typeof runKindSchema>

const common = {
	seq: z.number().int().positive().describe("1, 2, 3 ... within a run, without a gap"),
	time: z.string().describe("ISO 8601, UTC"),
	run: z.string().describe("the run's id"),
}
/** The pool an event is about. */
const inPool = { pool: z.string().optional().describe("absent for the final closure"), phase: phaseSchema }
const index = z.number().int().describe("of the command in its list, from 0")

/** Everything a run says about itself, in order (DESIGN §6). */
export const knownEventSchema = z.discriminatedUnion("type", [
	z.object({
		...common,
		type: z.literal("run-started"),
		kind: runKindSchema,
		module: z.object({ name: z.string(), version: z.string(), digest: digestSchema }),
		pools: z.array(z.string()).describe("those that this run goes through, in order"),
		by: z.string().optional().describe("who asked, as far as known"),
		from: z
			.string()
			.optional()
			.describe("network address that it was asked from, as the appliance saw it; absent for its own terminal"),
		turn: z
			.number()
			.int()
			.positive()
			.optional()
			.describe("higher than that of every earlier run there, whose clock may be set back; absent from older runners"),
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
	z.object({ ...common, type: z.literal("command-started"), ...inPool, index, command: z.string() }),
	z.object({
		...common,
		type: z.literal("command-output"),
		...inPool,
		index,
		stream: z.enum(["stdout", "stderr"]),
		text: z.string(),
		/** DESIGN invariant 9. */
		cutBytes: z.number().int().optional().describe("bytes left out before `text`"),
	}),
	z.object({
		...common,
		type: z.literal("command-finished"),
		...inPool,
		index,
		exit: z.number().int().optional(),
		signal: z.string().optional(),
		timedOut: z.boolean().optional(),
		durationMs: z.number(),
		cutBytes: z.number().int().optional().describe("bytes of its output that were left out, in all"),
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
	z
		.object({
			...common,
			type: z.literal("warning"),
			pool: z.string().optional(),
			phase: phaseSchema.optional(),
			message: z.string().describe("one sentence, lowercase, no full stop"),
		})
		.describe("Something a person should know that stops nothing."),
	z.object({ ...common, type: z.literal("heartbeat") }).describe("The run is alive; every 5 seconds."),
	z.object({
		...common,
		type: z.literal("run-finished"),
		outcome: poolOutcomeSchema,
		finalClosure: finalClosureSchema.optional(),
		interrupted: z.boolean().optional().describe("a later recovery ended the run in place of a runner that died"),
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

/** Events of one piece at most. */
export const MOST_IN_PIECE = 500
/** Some events of one run that follow each other: they come by the thousand, and each message of its own costs more than it. */
export const eventPieceSchema = z.array(unknownEventSchema).min(1).max(MOST_IN_PIECE)

/** The events of a piece, in order; what is none is left out. */
export function parseEvents(piece: unknown): AnyEvent[] {
	return Array.isArray(piece) ? piece.flatMap((value) => parseEvent(value) ?? []) : []
}

/** Whether an event is one that this program knows in full. */
export function isKnownEvent(event: AnyEvent): event is RunEvent {
	return known.has(event) || knownEventSchema.safeParse(event).success
}
