import { z } from "zod"
import { applianceSchema } from "./appliance.ts"
import { failureSchema } from "./failure.ts"
import { findingSchema } from "./finding.ts"
import { pastSchema } from "./history-past.ts"
import { moduleSchema } from "./module.ts"
import { finalClosureSchema, phaseSchema, poolOutcomeSchema, reasonSchema } from "./outcome.ts"

/** What an SSH connection turned out to be, in SSH's own words. */
export const connectionFactsSchema = z.object({
	keyType: z.string(),
	/** Of the host key, as OpenSSH prints it. */
	fingerprint: z.string(),
	/** How the sign-in succeeded. */
	method: z.string(),
	cipher: z.string(),
	kex: z.string(),
	/** Jump hosts on the way, the nearest first. */
	via: z.array(z.string()).default([]),
})
export type ConnectionFacts = z.infer<typeof connectionFactsSchema>

/** What the desktop last knew of an appliance; nothing here is a promise about now. */
export const applianceStateSchema = applianceSchema.extend({
	lastSeen: z.string().optional(),
	/** What the last test or run found out about it. */
	facts: z
		.object({
			os: z.string(),
			hostname: z.string(),
			node: z.string(),
			root: z.boolean(),
			systemd: z.boolean(),
			connection: connectionFactsSchema.optional(),
		})
		.optional(),
	lastFailure: failureSchema.optional(),
	/** What was seen of its own history, and whether that still is so. */
	past: pastSchema.optional(),
	/** Embedded appliances of the demo are started by the program itself. */
	embedded: z.boolean().default(false),
})
export type ApplianceState = z.infer<typeof applianceStateSchema>

/** A module folder as read just now: its text, its findings, and its parsed form when there is no fault. */
export const openModuleSchema = z.object({
	folder: z.string(),
	name: z.string(),
	text: z.string(),
	module: moduleSchema.optional(),
	findings: z.array(findingSchema),
	sources: z.array(z.object({ target: z.string(), size: z.number(), digest: z.string(), used: z.boolean() })),
	digest: z.string().optional(),
})
export type OpenModule = z.infer<typeof openModuleSchema>

export const recentModuleSchema = z.object({ folder: z.string(), name: z.string(), openedAt: z.string() })
export type RecentModule = z.infer<typeof recentModuleSchema>

/**
 * What is being brought to an appliance: the runner (`installing`), a Node for it (`runtime`), the module's sources
 * (`contents`).
 */
export const uploadSchema = z.object({
	step: z.enum(["installing", "runtime", "contents"]).default("contents"),
	sentBytes: z.number(),
	totalBytes: z.number(),
})
export type Upload = z.infer<typeof uploadSchema>

/**
 * One run of one module on one appliance, as the desktop follows it:
 * connecting -> uploading -> running <-> lost (reconnecting) -> finished; connecting or uploading -> not-started. One that is
 * lost before it was known to have begun may be `not-started` as well.
 */
export const desktopRunSchema = z.object({
	/** The desktop's own id; `run` is its id on the appliance, where it began or may have. */
	id: z.string(),
	run: z.string().optional(),
	/** Runs started with one click share this. */
	batch: z.string(),
	applianceId: z.string(),
	applianceName: z.string(),
	module: z.object({ name: z.string(), version: z.string(), digest: z.string(), folder: z.string().optional() }),
	kind: z.enum(["apply", "rehearse", "revert", "recover"]),
	state: z.enum(["connecting", "uploading", "running", "lost", "finished", "not-started"]),
	upload: uploadSchema.optional(),
	startedAt: z.string(),
	finishedAt: z.string().optional(),
	/** Last sign of life from the appliance. */
	lastEventAt: z.string().optional(),
	outcome: poolOutcomeSchema.optional(),
	finalClosure: finalClosureSchema.optional(),
	/** Why it did not start, or why the connection is lost. */
	failure: failureSchema.optional(),
	/** How long it may lock us out and let us in again by itself, milliseconds: as long as its pools wait to be confirmed. */
	patienceMs: z.number().optional(),
	/** The appliance was asked to start it, and nobody knows yet whether it did. */
	isDoubtful: z.boolean().optional(),
	/** Somebody cancelled it. Where the appliance cannot be reached, or this program ended before, that is not forgotten. */
	isCancelled: z.boolean().optional(),
	/** When a lost connection is tried again; a moment that has passed: just now. Absent: not before a person helped. */
	retryAt: z.string().optional(),
	pools: z.array(
		z.object({
			pool: z.string(),
			phase: phaseSchema.optional(),
			outcome: poolOutcomeSchema.optional(),
			reason: reasonSchema.optional(),
		}),
	),
})
export type DesktopRun = z.infer<typeof desktopRunSchema>

/** Something only a person can answer; asked once, answered in a dialog or on the terminal. */
export const questionSchema = z.discriminatedUnion("kind", [
	z.object({
		id: z.string(),
		kind: z.literal("host-key"),
		appliance: z.string(),
		host: z.string(),
		port: z.number(),
		keyType: z.string(),
		fingerprint: z.string(),
	}),
	z.object({
		id: z.string(),
		kind: z.literal("password"),
		appliance: z.string(),
		host: z.string(),
		port: z.number(),
		/** The jump hosts on the way there: behind another one, the same address is another machine. */
		via: z.array(z.string()),
		user: z.string(),
		/** Of a jump host on the way, not of the appliance itself; `appliance` is its name then. */
		jump: z.boolean().optional(),
	}),
	z.object({
		id: z.string(),
		kind: z.literal("passphrase"),
		appliance: z.string(),
		path: z.string(),
		wrong: z.boolean(),
	}),
	z.object({
		id: z.string(),
		kind: z.literal("sudo-password"),
		appliance: z.string(),
		user: z.string(),
		wrong: z.boolean(),
	}),
	/** What the server itself asks at sign-in (keyboard-interactive), a one-time code for example; in its own words. */
	z.object({
		id: z.string(),
		kind: z.literal("sign-in-questions"),
		appliance: z.string(),
		host: z.string(),
		user: z.string(),
		/** Title and text that the server gives; may be empty. */
		title: z.string().max(1000),
		text: z.string().max(4000),
		/** `hidden`: what is typed must not be shown. */
		prompts: z.array(z.object({ text: z.string().max(1000), hidden: z.boolean() })).max(20),
	}),
])
export type Question = z.infer<typeof questionSchema>

/** `secret` and `answers` never leave memory. */
export const answerSchema = z.discriminatedUnion("kind", [
	z.object({ kind: z.literal("trust") }),
	z.object({ kind: z.literal("secret"), secret: z.string().max(4096) }),
	/** To `sign-in-questions`: one answer a prompt, in their order. */
	z.object({ kind: z.literal("answers"), answers: z.array(z.string().max(4096)).max(20) }),
	z.object({ kind: z.literal("refuse") }),
])
export type Answer = z.infer<typeof answerSchema>

/** One row of per-pool history: one pool in one run on one appliance. */
export const poolResultSchema = z.object({
	/** The desktop run's id, see `desktopRunSchema`. */
	runId: z.string(),
	pool: z.string(),
	applianceId: z.string(),
	applianceName: z.string(),
	moduleName: z.string(),
	moduleVersion: z.string(),
	kind: desktopRunSchema.shape.kind,
	outcome: poolOutcomeSchema,
	reason: reasonSchema.optional(),
	finishedAt: z.string(),
	durationMs: z.number(),
})
export type PoolResult = z.infer<typeof poolResultSchema>

/** Everything the interface shows without asking further; later changes come as `StateChange`. */
export const desktopStateSchema = z.object({
	appliances: z.array(applianceStateSchema),
	recentModules: z.array(recentModuleSchema),
	/** Runs under way and the newest 100 ended ones, newest first. */
	runs: z.array(desktopRunSchema),
	questions: z.array(questionSchema),
	/** What a person should know about this program itself, for example a damaged database that was kept aside. */
	notices: z.array(failureSchema).default([]),
})
export type DesktopState = z.infer<typeof desktopStateSchema>

export const stateChangeSchema = z.discriminatedUnion("type", [
	z.object({ type: z.literal("snapshot"), seq: z.number(), state: desktopStateSchema }),
	z.object({ type: z.literal("appliance-changed"), seq: z.number(), appliance: applianceStateSchema }),
	z.object({ type: z.literal("appliance-removed"), seq: z.number(), id: z.string() }),
	/** Many at once: an import, or what was done with all that were chosen. */
	z.object({
		type: z.literal("fleet-changed"),
		seq: z.number(),
		changed: z.array(applianceStateSchema),
		removed: z.array(z.string()),
	}),
	z.object({ type: z.literal("recent-modules-changed"), seq: z.number(), recentModules: z.array(recentModuleSchema) }),
	z.object({ type: z.literal("run-changed"), seq: z.number(), run: desktopRunSchema }),
	z.object({ type: z.literal("question-opened"), seq: z.number(), question: questionSchema }),
	z.object({ type: z.literal("question-closed"), seq: z.number(), id: z.string() }),
])
export type StateChange = z.infer<typeof stateChangeSchema>
