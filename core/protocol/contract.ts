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
import { eventPieceSchema } from "../schema/event.ts"
import { poolDurationSchema } from "../schema/expect-duration.ts"
import { failureSchema } from "../schema/failure.ts"
import { failureCauseSchema } from "../schema/failure-cause.ts"
import { historyChoicesSchema } from "../schema/history-choices.ts"
import { historyCourseSchema } from "../schema/history-course.ts"
import { historyGridSchema } from "../schema/history-grid.ts"
import { pastFaultSchema } from "../schema/history-past.ts"
import { syncProgressSchema } from "../schema/history-sync.ts"
import {
	checkoutResultSchema,
	draftWriterSchema,
	fileChangeSchema,
	legacyLookSchema,
	libraryModuleSchema,
	libraryOpenedSchema,
	listChangeSchema,
	MAX_EDITED_TEXT,
	moduleChangeSchema,
	newSourceSchema,
	proposalSchema,
	publishResultSchema,
	saveResultSchema,
	sourceContentSchema,
	sourceProgressSchema,
	sourceResultSchema,
	versionNameSchema,
	versionsSchema,
} from "../schema/library.ts"
import { digestSchema } from "../schema/manifest.ts"
import { poolIdPattern } from "../schema/module.ts"
import { poolOutcomeSchema } from "../schema/outcome.ts"
import { pageStateSchema } from "../schema/page-state.ts"
import { reviewPlanSchema } from "../schema/plan.ts"
import { recordedContentSchema, recordedFileSchema } from "../schema/recorded-file.ts"
import { historyRoomSchema, retentionSchema } from "../schema/retention.ts"
import {
	rolloutChangeSchema,
	rolloutRequestSchema,
	rolloutSchema,
	rolloutSummarySchema,
	rolloutWishSchema,
} from "../schema/rollout.ts"
import { MAX_PREPARED, preparingSchema } from "../schema/rollout-prepare.ts"
import { keyCommentSchema, publicKeySchema, signingKeysSchema } from "../schema/signing.ts"
import { sourceTraitsSchema } from "../schema/source-traits.ts"
import { applianceFilesContract } from "./appliance-files-contract.ts"
import { folderRequestSchema } from "./file-calls.ts"
import { fleetContract } from "./fleet-contract.ts"

/** Every call can end in one typed failure; its sentence is made by the reader (`core/schema/sentences.ts`). */
const call = oc.errors({ FAILURE: { data: failureSchema } })
const id = z.object({ id: z.string() })
const nothing = z.object({})
/** Absolute, of this system or of Windows: what a program's own folder is must not decide. */
const folder = z
	.string()
	.max(4096)
	.regex(/^(\/|[A-Za-z]:[\\/]|\\\\)[^\0]*$/)
/** A module's, which is its folder's; what it may consist of is checked where it is made. */
const name = z.string().min(1).max(200)
const target = z.string().min(1).max(4096)
/** A pool's id, or a run's on its appliance. */
const folderName = z.string().regex(poolIdPattern)
/** A text that is edited; `target` absent: `index.json`. `base`: digest of the text it was begun from. */
const edited = draftWriterSchema.extend({
	folder,
	target: target.optional(),
	text: z.string().max(MAX_EDITED_TEXT),
	base: digestSchema.optional(),
})
/** What of the history is meant; everything when nothing is named. */
const historyFilterSchema = z.object({
	pool: z.string().optional(),
	applianceId: z.string().optional(),
	moduleName: z.string().optional(),
	outcome: poolOutcomeSchema.optional(),
	/** Words that all must be in what a pool said; the last one may go on. */
	text: z.string().max(500).optional(),
})
/** Sources of one call. */
const MAX_SOURCES = 5000
/** Runs of one call. */
const MAX_RUNS = 500
/** Of a call that answers at once. */
const MAX_TRAITS = 500

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
		/** What a page kept for the next start. */
		kept: call.input(nothing).output(pageStateSchema),
		/** What is not named stays as it was kept. */
		keep: call.input(pageStateSchema).output(nothing),
	},
	appliances: {
		/** Adds (no `id`), changes or, after a removal, brings back an appliance. */
		save: call.input(applianceSchema.partial({ id: true })).output(applianceStateSchema),
		remove: call.input(id).output(nothing),
		/** Connects, checks key and sign-in, installs the runner, reads facts. Fails with what is wrong. */
		test: call.input(id).output(applianceStateSchema),
		...applianceFilesContract,
		/** Starts the embedded demo appliances and adds them, with the demo module. */
		addDemo: call.input(nothing).output(z.object({ appliances: z.array(applianceStateSchema), folder: z.string() })),
	},
	fleet: fleetContract,
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
	/** The modules on this desktop; `core/fleet/library/types.ts` says what each call promises. */
	library: {
		/** `folder`: where new ones are made. */
		list: call.input(nothing).output(z.object({ folder: z.string(), modules: z.array(libraryModuleSchema) })),
		/** First item: the snapshot; then changes with `seq` 1 higher each. */
		followList: call.input(nothing).output(eventIterator(listChangeSchema)),
		create: call
			.input(z.object({ name, description: z.string().max(1000).optional(), parent: folder.optional() }))
			.output(libraryModuleSchema),
		/** `copy`: into the library; else it is opened where it is. */
		import: call.input(z.object({ folder, copy: z.boolean(), name: name.optional() })).output(libraryModuleSchema),
		/** What a legacy module would become, part by part; writes nothing. */
		readLegacy: call.input(z.object({ folder })).output(legacyLookSchema),
		/** `base`: of what was looked at. Fails with `changed-meanwhile`, `module-faulty` or `name-taken`. */
		importLegacy: call.input(z.object({ folder, name, base: digestSchema })).output(libraryModuleSchema),
		duplicate: call.input(z.object({ folder, name })).output(libraryModuleSchema),
		archive: call.input(z.object({ folder, isArchived: z.boolean() })).output(libraryModuleSchema),
		/** One that lies elsewhere is not listed any more; its files stay. */
		forget: call.input(z.object({ folder })).output(nothing),
		open: call.input(z.object({ folder })).output(libraryOpenedSchema),
		/** First item: the snapshot; then changes with `seq` 1 higher each. */
		follow: call.input(z.object({ folder })).output(eventIterator(moduleChangeSchema)),
		save: call.input(edited).output(saveResultSchema),
		/** What is typed, kept outside the module; on disk when it answers. Call it at most once a second. */
		keepDraft: call.input(edited).output(nothing),
		/** Nothing is typed any more in this window. */
		dropDrafts: call.input(draftWriterSchema.extend({ folder, target: target.optional() })).output(nothing),
		/** A piece, in base64, of a content that has no path on this machine; without `upload` a new one begins. */
		put: call
			.input(z.object({ upload: z.string().max(64).optional(), piece: z.base64().max(1_400_000) }))
			.output(z.object({ upload: z.string(), size: z.number() })),
		/** Whoever gives up adding says so: uploads take room until then. */
		dropUploads: call.input(z.object({ uploads: z.array(z.string().max(64)).max(MAX_SOURCES) })).output(nothing),
		/** Progress, with what became of each; ends after the last. */
		addSources: call
			.input(z.object({ folder, sources: z.array(newSourceSchema).min(1).max(MAX_SOURCES) }))
			.output(eventIterator(sourceProgressSchema)),
		readSource: call.input(z.object({ folder, target })).output(sourceContentSchema),
		/** What the bytes say: type, line ends, what looks like a secret. Those that cannot be read are left out. */
		readTraits: call
			.input(z.object({ folder, targets: z.array(target).max(MAX_TRAITS) }))
			.output(z.object({ traits: z.array(sourceTraitsSchema) })),
		removeSources: call
			.input(z.object({ folder, sources: z.array(z.object({ target, base: digestSchema })).max(MAX_SOURCES) }))
			.output(z.object({ results: z.array(sourceResultSchema) })),
		renameSource: call.input(z.object({ folder, target, to: target, base: digestSchema })).output(sourceResultSchema),
		setExecutable: call.input(z.object({ folder, target, isExecutable: z.boolean() })).output(sourceResultSchema),
		/** Everything to look at before publishing: next versions, findings, what changed. */
		propose: call.input(z.object({ folder })).output(proposalSchema),
		/** `base` and `content` are the proposal's: what was looked at is what gets published. */
		publish: call
			.input(
				z.object({
					folder,
					version: versionNameSchema,
					base: digestSchema,
					content: z.string().max(64),
					note: z.string().max(10_000).optional(),
				}),
			)
			.output(publishResultSchema),
		/** Of what is being published nothing is then, and `publish` fails with `cancelled`; once it writes, nothing stops it. */
		stopPublishing: call.input(z.object({ folder })).output(nothing),
		versions: call.input(z.object({ folder })).output(versionsSchema),
		/** Without `keepChanges` it is refused (`changes-unpublished`) where work would be lost. */
		checkout: call
			.input(z.object({ folder, version: versionNameSchema, keepChanges: z.boolean().default(false) }))
			.output(checkoutResultSchema),
		/** A version to look at and to run, from a folder of its own; the working files stay. */
		openVersion: call.input(z.object({ folder, version: versionNameSchema })).output(openModuleSchema),
		/** Between two of: a published version, `kept/...`, `working`. */
		diff: call
			.input(z.object({ folder, from: versionNameSchema, to: versionNameSchema }))
			.output(z.object({ files: z.array(fileChangeSchema) })),
	},
	/** Which keys sign what is published here; `core/fleet/services/signing-service.ts` says what each call promises. */
	signing: {
		keys: call.input(nothing).output(signingKeysSchema),
		choose: call.input(z.object({ key: publicKeySchema, signs: z.boolean() })).output(signingKeysSchema),
		/** The private half stays with the program. */
		make: call.input(z.object({ comment: keyCommentSchema })).output(signingKeysSchema),
		remove: call.input(z.object({ key: publicKeySchema })).output(signingKeysSchema),
	},
	runs: {
		plan: call
			.input(
				z.object({
					folder: z.string(),
					applianceId: z.string(),
					pools: z.array(z.string()).optional(),
					force: z.boolean().default(false),
					allowDowngrade: z.boolean().default(false),
				}),
			)
			.output(reviewPlanSchema),
		/** One run on each appliance; answers at once, `app.follow` tells the rest. */
		start: call
			.input(
				z.object({
					folder: z.string(),
					applianceIds: z.array(z.string()).min(1),
					pools: z.array(z.string()).optional(),
					force: z.boolean().default(false),
					allowDowngrade: z.boolean().default(false),
					kind: z.enum(["apply", "rehearse"]).default("apply"),
					/** Rehearsal: first make a customer-like change to each existing destination. */
					modify: z.boolean().default(false),
					/** Digests of the plans that were looked at, by appliance: nothing else is started. */
					plans: z.record(z.string(), digestSchema).optional(),
				}),
			)
			.output(z.object({ runs: z.array(desktopRunSchema) })),
		/** Puts one applied pool back, as a run of its own; `run`: to what stood before that one. */
		revert: call
			.input(
				z.object({
					applianceId: z.string(),
					pool: folderName,
					run: folderName.optional(),
					/** To the customer's original instead. */
					original: z.boolean().default(false),
					/** Also where somebody changed a destination since, which is lost then. */
					force: z.boolean().default(false),
				}),
			)
			.output(desktopRunSchema),
		cancel: call.input(id).output(nothing),
		get: call.input(id).output(desktopRunSchema),
		/** The run's events with `seq > after`, in pieces: the record first, then live; ends when the run has. */
		follow: call
			.input(z.object({ id: z.string(), after: z.number().int().default(0) }))
			.output(eventIterator(eventPieceSchema)),
	},
	/** One module version to many appliances in waves; `core/fleet/rollout/types.ts` says what each call promises. */
	rollouts: {
		/** The whole list, newest first, at once and whenever it has changed. */
		followList: call.input(nothing).output(eventIterator(z.object({ rollouts: z.array(rolloutSummarySchema) }))),
		/** What `start` would begin, as a rollout that has no id yet; writes nothing. */
		preview: call.input(rolloutRequestSchema).output(rolloutSchema),
		start: call.input(rolloutRequestSchema).output(rolloutSummarySchema),
		/** Looks at all of them before anything is changed; ends after the last `prepared`. Whoever ends it early stops it. */
		prepare: call
			.input(
				z.object({
					folder,
					applianceIds: z.array(z.string().max(300)).min(1).max(MAX_PREPARED),
					pools: z.array(z.string()).optional(),
					force: z.boolean().default(false),
					allowDowngrade: z.boolean().default(false),
				}),
			)
			.output(eventIterator(preparingSchema)),
		/** A person's word; where it is not heard within some seconds, it will be by the program that drives the rollout. */
		ask: call.input(id.extend({ wish: rolloutWishSchema })).output(z.object({ isHeard: z.boolean() })),
		/** First item: the whole; then each step. */
		follow: call.input(id).output(eventIterator(rolloutChangeSchema)),
	},
	history: {
		/** Newest first. */
		pools: call
			.input(historyFilterSchema.extend({ limit: z.number().int().min(1).max(1000).default(200) }))
			.output(z.object({ results: z.array(poolResultSchema), total: z.number() })),
		/** What the results can be filtered by. */
		choices: call.input(nothing).output(historyChoicesSchema),
		/** Where every pool stands on every appliance: what the newest run of each came to. */
		grid: call.input(historyFilterSchema).output(historyGridSchema),
		/** How results went over time, and the newest of them one by one. */
		course: call.input(historyFilterSchema).output(historyCourseSchema),
		/** Why pools failed, the most frequent cause first, and how many failures that are: `MOST_COMPARED` of them at most. */
		causes: call
			.input(historyFilterSchema)
			.output(z.object({ causes: z.array(failureCauseSchema), failures: z.number() })),
		/** What became of every pool in these runs; of a run that is not known, or did not begin, nothing. */
		ofRuns: call
			.input(z.object({ runs: z.array(z.string().max(200)).max(MAX_RUNS) }))
			.output(z.object({ results: z.array(poolResultSchema) })),
		/** What a run found and left at a destination, as its events tell the digests; absent: there was no file. */
		compareFile: call
			.input(
				z.object({
					runId: z.string(),
					destination: folderRequestSchema.shape.path,
					before: recordedContentSchema.optional(),
					after: recordedContentSchema.optional(),
				}),
			)
			.output(recordedFileSchema),
		/** How long a module's pools took to be applied: what an expected duration rests on. */
		durations: call.input(z.object({ moduleName: name })).output(z.object({ durations: z.array(poolDurationSchema) })),
		/** Takes over what the appliance itself remembers and this desktop has not seen. */
		sync: call.input(z.object({ applianceId: z.string() })).output(z.object({ added: z.number() })),
		/**
		 * A person knows why its history is not the one that was seen: from now on it is as it is there now. Not where something
		 * else is wrong by now than the fault that the person was shown: that is told instead.
		 */
		acceptPast: call
			.input(z.object({ applianceId: z.string(), fault: pastFaultSchema }))
			.output(z.object({ added: z.number() })),
		/** As `sync` does, of the whole fleet, as it goes on; whoever ends it early keeps what has come. */
		syncAll: call.input(nothing).output(eventIterator(syncProgressSchema)),
		/** How much is kept, and how much there is. */
		room: call.input(nothing).output(historyRoomSchema),
		/** Clears away at once what is too much now; what an appliance remembers can be fetched again. */
		keep: call.input(retentionSchema).output(historyRoomSchema),
	},
}
