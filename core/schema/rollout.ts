import { z } from "zod"
import { failureSchema } from "./failure.ts"
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

/**
 * How an appliance stands in a rollout:
 * waiting -> started -> ended | pending | waiting; pending -> started | expired; waiting or pending -> skipped.
 */
export const standingSchema = z.discriminatedUnion("state", [
	z.object({ state: z.literal("waiting") }),
	/** On disk before anything is asked of the appliance; `run`: the desktop's id of the run. */
	z.object({ state: z.literal("started"), run: z.string(), since: z.number() }),
	/** Not reached; picked up again at `retryAt`. Times in milliseconds since 1970. */
	z.object({ state: z.literal("pending"), since: z.number(), retryAt: z.number(), failure: failureSchema }),
	z.object({
		state: z.literal("ended"),
		run: z.string(),
		outcome: poolOutcomeSchema,
		failure: failureSchema.optional(),
	}),
	z.object({ state: z.literal("expired"), failure: failureSchema }),
	z.object({ state: z.literal("skipped") }),
])
export type Standing = z.infer<typeof standingSchema>

/** A pool that the rollout has applied on an appliance, and where its undoing stands. */
export const appliedPoolSchema = z.object({
	pool: z.string(),
	/** The desktop's id of the run that applied it. */
	run: z.string(),
	undo: z
		.discriminatedUnion("state", [
			z.object({ state: z.literal("started"), run: z.string() }),
			z.object({ state: z.literal("undone") }),
			z.object({ state: z.literal("failed"), failure: failureSchema.optional() }),
		])
		.optional(),
})
export type AppliedPool = z.infer<typeof appliedPoolSchema>

export const rolloutTargetSchema = z.object({
	applianceId: z.string(),
	name: z.string(),
	wave: z.number().int().min(0),
	/** Jump host that it is reached through. */
	jump: z.string().optional(),
	standing: standingSchema,
	/** In the order in which they were applied. */
	applied: z.array(appliedPoolSchema),
})
export type RolloutTarget = z.infer<typeof rolloutTargetSchema>

/** Why a rollout does not go on by itself. */
export const pauseSchema = z.enum(["person", "failures", "degraded", "unreachable"])
export type Pause = z.infer<typeof pauseSchema>

/**
 * running <-> paused; running -> gate -> running; any of them -> halted | undoing; running -> finished;
 * undoing <-> undo-paused; undoing -> undone.
 */
export const rolloutStatusSchema = z.discriminatedUnion("state", [
	z.object({ state: z.literal("running") }),
	/** A wave has ended; `until`: milliseconds since 1970, absent where a person decides, as where nobody of it came to an end. */
	z.object({ state: z.literal("gate"), until: z.number().optional() }),
	z.object({ state: z.literal("paused"), why: pauseSchema }),
	/** Nothing starts any more unless somebody asks for a retry or the undoing. */
	z.object({ state: z.literal("halted") }),
	z.object({ state: z.literal("finished") }),
	z.object({ state: z.literal("undoing") }),
	z.object({ state: z.literal("undo-paused"), why: z.enum(["person", "failures"]) }),
	z.object({ state: z.literal("undone") }),
])

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

/** What a person asks of a rollout; `go-on` after a pause or at a gate. */
export const rolloutWishSchema = z.discriminatedUnion("type", [
	z.object({ type: z.enum(["pause", "go-on", "halt", "retry", "undo"]) }),
	z.object({ type: z.literal("skip"), applianceIds: z.array(z.string()) }),
])
export type RolloutWish = z.infer<typeof rolloutWishSchema>
