import { z } from "zod"
import { unknownEventSchema } from "../schema/event.ts"
import { failureSchema } from "../schema/failure.ts"
import { historyRunSchema, statusSchema } from "../schema/history.ts"
import { digestSchema, manifestSchema } from "../schema/manifest.ts"
import { poolOutcomeSchema } from "../schema/outcome.ts"
import { planSchema } from "../schema/plan.ts"
import { fileCalls } from "./file-calls.ts"

/** Raised when a desktop and a runner of different numbers can no longer understand each other. */
export const PROTOCOL_VERSION = 1

/** A pool's id or a run's: both name folders on the appliance, so nothing else may travel as one. */
const folderNameSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)

/**
 * The id that a run is to have. Whoever chooses it can find the run again when the answer to its start was lost
 * (`started`); the appliance makes one when it is absent.
 */
const chosenRunSchema = folderNameSchema.optional()

/** What a person asked the appliance to do with a module. */
export const runRequestSchema = z.object({
	manifest: manifestSchema,
	kind: z.enum(["apply", "rehearse"]).default("apply"),
	/** Only these pools; all when absent. */
	pools: z.array(z.string()).optional(),
	/** Re-apply pools that already stand applied at this version. */
	force: z.boolean().default(false),
	allowDowngrade: z.boolean().default(false),
	/** Rehearsal: first make a customer-like change to each existing destination. */
	modify: z.boolean().default(false),
	/** Replaces each pool's time limit per command. */
	timeoutSeconds: z.number().positive().optional(),
	/** Who asks, from where; kept in the appliance's history. */
	by: z.string().max(200).optional(),
})
export type RunRequest = z.infer<typeof runRequestSchema>

/** A run that is started. */
export const startRequestSchema = runRequestSchema.extend({ as: chosenRunSchema })
export type RunnerStartRequest = z.infer<typeof startRequestSchema>

/** A run that is only planned. */
export const planRequestSchema = runRequestSchema.extend({
	/** Hand out the old text where the appliance lacks the new one (`PlannedOperation.before`). */
	texts: z.boolean().optional(),
})
export type RunnerPlanRequest = z.infer<typeof planRequestSchema>

export const revertRequestSchema = z.object({
	pool: folderNameSchema,
	/** Back to what stood before this run; the newest run that applied the pool when absent. */
	run: folderNameSchema.optional(),
	/** Back to the customer's original instead. */
	original: z.boolean().default(false),
	/** Also where somebody changed a destination since. */
	force: z.boolean().default(false),
	by: z.string().max(200).optional(),
})
export type RevertRequest = z.infer<typeof revertRequestSchema>

/** A run that puts one pool back. */
export const startRevertSchema = revertRequestSchema.extend({ as: chosenRunSchema })
export type RunnerRevertRequest = z.infer<typeof startRevertSchema>

/** Busy and refused are outcomes, not exceptions. */
export const startResultSchema = z.discriminatedUnion("state", [
	z.object({ state: z.literal("started"), run: folderNameSchema }),
	z.object({ state: z.literal("busy"), run: z.string(), since: z.string(), by: z.string().optional() }),
	z.object({ state: z.literal("refused"), failure: failureSchema }),
])
export type StartResult = z.infer<typeof startResultSchema>

/** The desktop keeps these and shows them everywhere. */
const shortText = z.string().max(500)

const helloSchema = z.object({
	protocol: z.number().int(),
	runnerVersion: shortText,
	node: shortText,
	hostname: shortText,
	/** For example "Debian GNU/Linux 12 (bookworm)". */
	os: shortText,
	/** Whether the runner has root's rights. */
	root: z.boolean(),
	/** Whether runs are started as systemd units. */
	systemd: z.boolean(),
})
export type Hello = z.infer<typeof helloSchema>

const recoveredSchema = z.object({
	runs: z.array(z.object({ run: z.string(), outcome: poolOutcomeSchema })),
})
export type Recovered = z.infer<typeof recoveredSchema>

/** How a content travels; digest and size are always those of the content itself. */
const packingSchema = z.enum(["none", "gzip"])
export type Packing = z.infer<typeof packingSchema>

const empty = z.object({})

/**
 * Every call of `hotfix-runner serve`, once: request, answer. `attach` answers with a stream of events, `supply` takes
 * the content's bytes after the request (see `frames.ts`).
 */
export const runnerCalls = {
	hello: { input: z.object({ protocol: z.number().int() }), output: helloSchema },
	status: { input: empty, output: statusSchema },
	history: {
		input: z.object({ pool: z.string().optional(), limit: z.number().int().optional() }),
		output: z.array(historyRunSchema),
	},
	plan: { input: planRequestSchema, output: planSchema },
	...fileCalls,
	/** Which of these contents the appliance lacks. */
	missing: {
		input: z.object({ digests: z.array(digestSchema) }),
		output: z.object({ missing: z.array(digestSchema) }),
	},
	supply: {
		input: z.object({
			digest: digestSchema,
			size: z.number().int().nonnegative(),
			packing: packingSchema.default("none"),
		}),
		output: empty,
	},
	prepare: { input: z.object({ run: folderNameSchema }), output: empty },
	start: { input: startRequestSchema, output: startResultSchema },
	revert: { input: startRevertSchema, output: startResultSchema },
	started: { input: z.object({ run: folderNameSchema }), output: startResultSchema },
	recover: { input: empty, output: recoveredSchema },
	attach: { input: z.object({ run: z.string(), after: z.number().int().default(0) }), output: unknownEventSchema },
	cancel: { input: z.object({ run: z.string() }), output: empty },
	confirm: { input: z.object({ run: z.string(), pool: z.string() }), output: empty },
} as const
export type RunnerCall = keyof typeof runnerCalls
