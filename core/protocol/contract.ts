import { eventIterator, oc } from "@orpc/contract"
import { z } from "zod"
import { applianceSchema } from "../schema/appliance.ts"
import {
	answerSchema,
	applianceStateSchema,
	desktopRunSchema,
	openModuleSchema,
	poolResultSchema,
	stateChangeSchema,
} from "../schema/desktop.ts"
import { unknownEventSchema } from "../schema/event.ts"
import { failureSchema } from "../schema/failure.ts"
import { poolOutcomeSchema } from "../schema/outcome.ts"
import { planSchema } from "../schema/plan.ts"

/** Every call can end in one typed failure; its sentence is made by the reader (`core/schema/sentences.ts`). */
const call = oc.errors({ FAILURE: { data: failureSchema } })
const id = z.object({ id: z.string() })
const nothing = z.object({})

/**
 * Everything the renderer may ask of the desktop's services, once, for Electron's MessagePort and the browser host's
 * WebSocket alike (DESIGN §7). Snapshot first, then numbered changes: the interface never polls.
 */
export const contract = {
	app: {
		info: call.input(nothing).output(
			z.object({
				version: z.string(),
				host: z.enum(["electron", "browser"]),
				/** Where everything of this user lives. */
				dataFolder: z.string(),
				home: z.string(),
			}),
		),
		/** First item: the snapshot; then changes with `seq` 1 higher each. */
		follow: call.input(nothing).output(eventIterator(stateChangeSchema)),
		answer: call.input(z.object({ id: z.string(), answer: answerSchema })).output(nothing),
	},
	appliances: {
		/** Adds (no `id`), changes or, after a removal, brings back an appliance. */
		save: call.input(applianceSchema.partial({ id: true })).output(applianceStateSchema),
		remove: call.input(id).output(nothing),
		/** Connects, checks key and sign-in, installs the runner, reads facts. Fails with what is wrong. */
		test: call.input(id).output(applianceStateSchema),
		/** Starts the embedded demo appliances and adds them, with the demo module. */
		addDemo: call.input(nothing).output(z.object({ appliances: z.array(applianceStateSchema), folder: z.string() })),
	},
	modules: {
		open: call.input(z.object({ folder: z.string() })).output(openModuleSchema),
		/** Asks the person for a folder where the host can (Electron); undefined when they closed the dialog. */
		pick: call.input(nothing).output(z.object({ folder: z.string().optional() })),
		/** Folders below a folder, for hosts that have no dialog; `isModule` marks those with an index.json. */
		browse: call.input(z.object({ folder: z.string() })).output(
			z.object({
				folder: z.string(),
				parent: z.string().optional(),
				entries: z.array(z.object({ name: z.string(), path: z.string(), isModule: z.boolean() })),
			}),
		),
		forget: call.input(z.object({ folder: z.string() })).output(nothing),
	},
	runs: {
		plan: call
			.input(z.object({ folder: z.string(), applianceId: z.string(), pools: z.array(z.string()).optional() }))
			.output(planSchema),
		/** One run on each appliance; answers at once, `app.follow` tells the rest. */
		start: call
			.input(
				z.object({
					folder: z.string(),
					applianceIds: z.array(z.string()).min(1),
					pools: z.array(z.string()).optional(),
					force: z.boolean().default(false),
					allowDowngrade: z.boolean().default(false),
				}),
			)
			.output(z.object({ runs: z.array(desktopRunSchema) })),
		cancel: call.input(id).output(nothing),
		get: call.input(id).output(desktopRunSchema),
		/** The run's events with `seq > after`: the record first, then live; ends when the run has. */
		follow: call
			.input(z.object({ id: z.string(), after: z.number().int().default(0) }))
			.output(eventIterator(unknownEventSchema)),
	},
	history: {
		/** Newest first. */
		pools: call
			.input(
				z.object({
					pool: z.string().optional(),
					applianceId: z.string().optional(),
					moduleName: z.string().optional(),
					outcome: poolOutcomeSchema.optional(),
					limit: z.number().int().min(1).max(1000).default(200),
				}),
			)
			.output(z.object({ results: z.array(poolResultSchema), total: z.number() })),
		/** Takes over what the appliance itself remembers and this desktop has not seen. */
		sync: call.input(z.object({ applianceId: z.string() })).output(z.object({ added: z.number() })),
	},
}
