import { z } from "zod"
import { failureSchema } from "./failure.ts"
import { digestSchema } from "./manifest.ts"
import { poolOutcomeSchema } from "./outcome.ts"

/** When there are too many: whichever is reached first. Without either any number is borne. */
export const budgetSchema = z.object({
	count: z.number().int().min(1).optional(),
	/** Of the appliances that are meant, at least one. */
	percent: z.number().gt(0).max(100).optional(),
})
export type Budget = z.infer<typeof budgetSchema>

/** Size of a wave: so many appliances, or so much of all of them, at least one. */
export const waveSizeSchema = z.union([
	z.object({ count: z.number().int().min(1) }),
	z.object({ percent: z.number().gt(0).max(100) }),
])
export type WaveSize = z.infer<typeof waveSizeSchema>

/** What a wave that has ended waits for before the next one begins. */
export const gateSchema = z.discriminatedUnion("kind", [
	z.object({ kind: z.literal("none") }),
	z.object({ kind: z.literal("person") }),
	z.object({ kind: z.literal("soak"), seconds: z.number().int().min(1) }),
])
export type Gate = z.infer<typeof gateSchema>

export const rolloutPolicySchema = z.object({
	/** The first is the canary; whoever is in none of them is in one more wave at the end. */
	waves: z.array(waveSizeSchema).max(50),
	gate: gateSchema,
	/** Appliances that are worked on at the same time, and those among them behind one jump host. */
	atOnce: z.number().int().min(1).max(500),
	perJump: z.number().int().min(1).max(500),
	/** Failed appliances of the wave under way, and of the whole rollout. */
	budget: z.object({ wave: budgetSchema, whole: budgetSchema }),
	/** Appliances that cannot be reached have not failed: own budget, own patience. */
	unreachable: z.object({
		budget: budgetSchema,
		/** Between two attempts. */
		retrySeconds: z.number().int().min(1),
		/** After the first attempt: then it is given up. */
		expireSeconds: z.number().int().min(1),
	}),
})
export type RolloutPolicy = z.infer<typeof rolloutPolicySchema>

/** On disk before anything is asked of the appliance; `run`: the desktop's id of the run. Times: milliseconds since 1970. */
const startedSchema = z.object({
	state: z.literal("started"),
	run: z.string(),
	since: z.number(),
	/** Why it could not be reached before: until it is heard of it may be away still, and nobody waits for it. */
	failure: failureSchema.optional(),
})
/** Not reached, or busy with another run; tried again at `retryAt`. `since`: the first attempt. */
const pendingSchema = z.object({
	state: z.literal("pending"),
	since: z.number(),
	retryAt: z.number(),
	failure: failureSchema,
})
/** It may have begun, and the connection is gone: nobody knows how it goes on there. `since`: the loss. */
const lostSchema = z.object({ state: z.literal("lost"), run: z.string(), since: z.number(), failure: failureSchema })

/**
 * How an appliance stands in a rollout:
 * waiting -> started -> ended | pending | lost | waiting; pending -> started | expired; lost -> started | ended | expired;
 * waiting or pending -> skipped. One that is given up while it is lost may end after all.
 */
export const standingSchema = z.discriminatedUnion("state", [
	z.object({ state: z.literal("waiting") }),
	startedSchema,
	pendingSchema,
	lostSchema,
	z.object({
		state: z.literal("ended"),
		run: z.string(),
		outcome: poolOutcomeSchema,
		failure: failureSchema.optional(),
	}),
	/** Given up; `run`: one that was lost and may come to an end after all. */
	z.object({ state: z.literal("expired"), run: z.string().optional(), failure: failureSchema }),
	z.object({ state: z.literal("skipped") }),
])
export type Standing = z.infer<typeof standingSchema>

/** Where the undoing of one pool on one appliance stands: as `standingSchema`; `failed` also where it is given up. */
export const undoSchema = z.discriminatedUnion("state", [
	startedSchema,
	pendingSchema,
	lostSchema,
	z.object({ state: z.literal("undone") }),
	z.object({
		state: z.literal("failed"),
		run: z.string().optional(),
		isDegraded: z.boolean().optional(),
		failure: failureSchema.optional(),
	}),
])
export type Undo = z.infer<typeof undoSchema>

/** A pool that the rollout has applied on an appliance, and where its undoing stands. */
export const appliedPoolSchema = z.object({
	pool: z.string(),
	/** The appliance's own id of the run that applied it: the desktop's row of it may be cleared away. */
	run: z.string(),
	undo: undoSchema.optional(),
})
export type AppliedPool = z.infer<typeof appliedPoolSchema>

export const rolloutTargetSchema = z.object({
	applianceId: z.string(),
	name: z.string(),
	wave: z.number().int().min(0),
	/** Jump host that it is reached through first, `host:port`, as it was planned when the rollout began. */
	jump: z.string().optional(),
	/** Reached as it was when the rollout began, whatever the fleet says: it was named, not chosen from the fleet. */
	isAdHoc: z.boolean().optional(),
	standing: standingSchema,
	/** In the order in which they were applied. */
	applied: z.array(appliedPoolSchema),
})
export type RolloutTarget = z.infer<typeof rolloutTargetSchema>

/** Why a rollout does not go on by itself; `desktop`: something here is amiss, and no appliance's fault. */
export const pauseSchema = z.enum(["person", "failures", "degraded", "unreachable", "desktop"])
export type Pause = z.infer<typeof pauseSchema>

/** `failure`: what is amiss here. */
const pausedBody = { why: pauseSchema, failure: failureSchema.optional() }

/**
 * The gate that a wave had come to before a lost run was heard of again, or somebody was tried once more; when that comes to
 * nothing, it is there again as it was. `isPassed`: a person has said meanwhile that it may go on.
 */
const heldGateSchema = z.object({ until: z.number().optional(), isPassed: z.literal(true).optional() })
export type HeldGate = z.infer<typeof heldGateSchema>

/**
 * running <-> paused; running -> gate -> running; any of them -> halted | undoing; running -> finished;
 * undoing <-> undo-paused; undoing -> undone. What was lost and ends after all makes `undone` go on `undoing`.
 */
export const rolloutStatusSchema = z.discriminatedUnion("state", [
	z.object({ state: z.literal("running"), gate: heldGateSchema.optional() }),
	/** A wave has ended; `until`: milliseconds since 1970, absent where a person decides, as where nobody of it came to an end. */
	z.object({ state: z.literal("gate"), until: z.number().optional() }),
	z.object({ state: z.literal("paused"), ...pausedBody }),
	/** Nothing starts any more unless somebody asks for a retry or the undoing. */
	z.object({ state: z.literal("halted") }),
	z.object({ state: z.literal("finished") }),
	z.object({ state: z.literal("undoing") }),
	z.object({ state: z.literal("undo-paused"), ...pausedBody }),
	z.object({ state: z.literal("undone") }),
])
export type RolloutStatus = z.infer<typeof rolloutStatusSchema>

/** One module version going to many appliances in waves (DESIGN §2). The targets and their waves never change. */
export const rolloutSchema = z.object({
	id: z.string(),
	module: z.object({ name: z.string(), version: z.string(), digest: z.string(), folder: z.string() }),
	pools: z.array(z.string()).optional(),
	force: z.boolean(),
	allowDowngrade: z.boolean(),
	createdAt: z.string(),
	policy: rolloutPolicySchema,
	status: rolloutStatusSchema,
	/** The wave under way; everybody in it and in the ones before may be worked on. */
	wave: z.number().int().min(0),
	targets: z.array(rolloutTargetSchema).min(1),
	/** Appliances whose failure, or absence, somebody has accepted by going on: they count no more. */
	borne: z.array(z.string()),
})
export type Rollout = z.infer<typeof rolloutSchema>

/** Where a rollout stood when somebody was shown it; `why`: absent where nothing has stopped it, as at a gate. */
const shownAtSchema = z.object({ wave: z.number().int().min(0), why: pauseSchema.optional() })

/** What a person asks of a rollout; `go-on` after a pause or at a gate, with `at` nowhere but there. */
export const rolloutWishSchema = z.discriminatedUnion("type", [
	z.object({ type: z.enum(["pause", "halt", "retry", "undo"]) }),
	z.object({ type: z.literal("go-on"), at: shownAtSchema.optional() }),
	z.object({ type: z.literal("skip"), applianceIds: z.array(z.string()) }),
])
export type RolloutWish = z.infer<typeof rolloutWishSchema>

/** Appliances of one rollout. */
export const MAX_TARGETS = 10_000

/** What a person wants rolled out. */
export const rolloutRequestSchema = z.object({
	folder: z.string().min(1).max(4096),
	/** In this order they are put into waves. */
	applianceIds: z.array(z.string().max(200)).min(1).max(MAX_TARGETS),
	pools: z.array(z.string()).optional(),
	force: z.boolean().default(false),
	allowDowngrade: z.boolean().default(false),
	policy: rolloutPolicySchema,
	/** Of the module that was looked at: no other one is begun. */
	digest: digestSchema.optional(),
})
export type RolloutRequest = z.infer<typeof rolloutRequestSchema>

/** A rollout without its targets. */
export const rolloutHeadSchema = rolloutSchema.omit({ targets: true })
export type RolloutHead = z.infer<typeof rolloutHeadSchema>

/** One row of a list of rollouts; `counts` by word of `rollout-words.ts`. */
export const rolloutSummarySchema = rolloutHeadSchema.omit({ borne: true }).extend({
	total: z.number(),
	waves: z.number(),
	counts: z.record(z.string(), z.number()),
	/** At a gate: nobody of the wave came to an end. */
	isUnproved: z.boolean().optional(),
})
export type RolloutSummary = z.infer<typeof rolloutSummarySchema>

/** A rollout as it goes on: whole first, and again where steps were missed; then what changed, in order. */
export const rolloutChangeSchema = z.discriminatedUnion("type", [
	z.object({ type: z.literal("whole"), rollout: rolloutSchema }),
	z.object({
		type: z.literal("step"),
		head: rolloutHeadSchema,
		targets: z.array(z.object({ position: z.number().int().min(0), target: rolloutTargetSchema })),
	}),
])
export type RolloutChange = z.infer<typeof rolloutChangeSchema>
