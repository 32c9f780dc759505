import { z } from "zod"
import { openModuleSchema } from "./desktop.ts"
import { failureSchema } from "./failure.ts"
import { findingSchema } from "./finding.ts"
import { conversionItemSchema } from "./legacy/conversion.ts"
import { digestSchema } from "./manifest.ts"

/** How large a text a person edits may be, UTF-16 units; sources beyond it are shown, not edited. */
export const MAX_EDITED_TEXT = 4 * 1024 * 1024

/** A published version: a commit of the module's repository with a tag of the customer's convention. */
export const publishedVersionSchema = z.object({
	version: z.string(),
	/** `<module>-v<version>-<yyyymmdd>`. */
	tag: z.string(),
	/** `yyyy-mm-dd`, UTC, as the tag has it. */
	date: z.string(),
	commit: z.string(),
	author: z.string().optional(),
	/** What whoever published it wrote about it. */
	message: z.string().optional(),
	/**
	 * `tag-moved`, `tag-deleted`: somebody changed the tag since; the version is still the commit that was published.
	 * `unreadable`: the repository lacks it (damaged, or a shallow clone).
	 */
	state: z.enum(["sound", "tag-moved", "tag-deleted", "unreadable"]),
})
export type PublishedVersion = z.infer<typeof publishedVersionSchema>

/** How the working files stand to what was published: `published`: they are the very files of `version`. */
export const workingStateSchema = z.discriminatedUnion("state", [
	z.object({ state: z.literal("never-published") }),
	z.object({ state: z.literal("changed") }),
	z.object({ state: z.literal("published"), version: z.string() }),
])
export type WorkingState = z.infer<typeof workingStateSchema>

/** One row of the library. */
export const libraryModuleSchema = z.object({
	folder: z.string(),
	name: z.string(),
	/** Below the library's own folder; else it was opened from elsewhere. */
	isOwn: z.boolean(),
	isArchived: z.boolean(),
	/** Of the text, where it can be read. */
	version: z.string().optional(),
	description: z.string().optional(),
	/** The highest one. */
	published: publishedVersionSchema.pick({ version: true, date: true }).optional(),
	working: workingStateSchema,
	/** When `index.json` was written last. */
	changedAt: z.string().optional(),
	/** Of `index.json` alone. */
	faults: z.number(),
	warnings: z.number(),
	/** Why it cannot be read, or not be published. */
	problem: failureSchema.optional(),
})
export type LibraryModule = z.infer<typeof libraryModuleSchema>

/** What became of the list since the item before: `modules` holds the new and the changed ones, `removed` folders. */
export const listChangeSchema = z.discriminatedUnion("type", [
	z.object({ type: z.literal("snapshot"), seq: z.number(), folder: z.string(), modules: z.array(libraryModuleSchema) }),
	z.object({
		type: z.literal("changed"),
		seq: z.number(),
		modules: z.array(libraryModuleSchema),
		removed: z.array(z.string()),
	}),
	/** The library cannot be read; it is looked for until it can, then a snapshot comes. */
	z.object({ type: z.literal("unreadable"), seq: z.number(), failure: failureSchema }),
])
export type ListChange = z.infer<typeof listChangeSchema>

/** What a legacy module would become; nothing is written yet. */
export const legacyLookSchema = z.object({
	/** Absolute. */
	folder: z.string(),
	/** Of all that is shown: importing takes it, so that what was looked at is what gets written. */
	base: digestSchema,
	/** The faults of the legacy `index.json`; then there is no conversion. */
	findings: z.array(findingSchema),
	conversion: z
		.object({
			pools: z.number(),
			/** How the pools were made. */
			grouping: z.string(),
			items: z.array(conversionItemSchema),
			/** Of the new `index.json`; with a fault among them it cannot be imported. */
			findings: z.array(findingSchema),
		})
		.optional(),
})
export type LegacyLook = z.infer<typeof legacyLookSchema>

/** A text that was typed and not saved. Offered again when it is newer than its file. */
export const draftSchema = z.object({
	/** Of the very text: kept anew, it is another one. */
	id: z.string(),
	/** Below `src/`; absent for `index.json`. */
	target: z.string().optional(),
	text: z.string().max(MAX_EDITED_TEXT),
	/** Digest of the text that the typing began from; absent: there was no file. */
	base: digestSchema.optional(),
	keptAt: z.string(),
})
export type TextDraft = z.infer<typeof draftSchema>

/** Whose drafts a call is about: those of the window that asks, and those that it took up when it opened the text. */
export const draftWriterSchema = z.object({
	/** Chosen by the window, anew for each page. */
	window: z
		.string()
		.regex(/^[a-z0-9-]{1,64}$/)
		.optional(),
	takenUp: z.array(z.string().max(300)).max(20).optional(),
})
export type DraftWriter = z.infer<typeof draftWriterSchema>

export const librarySourceSchema = openModuleSchema.shape.sources.element.extend({ isExecutable: z.boolean() })

/** A link below `src/` that leads to no source, and why not. */
export const strayLinkSchema = z.object({
	target: z.string(),
	/** Of where it leads, as it is written in the link: the `base` of its removal. */
	digest: digestSchema,
	rule: z.string(),
	message: z.string(),
	remedy: z.string(),
})
export type StrayLink = z.infer<typeof strayLinkSchema>

export const repositorySchema = z.object({
	/** `none`: publishing makes one. `unusable`: the files can be edited and run, not published; `problem` says why. */
	state: z.enum(["none", "sound", "unusable"]),
	/** Its top folder. */
	root: z.string().optional(),
	/** Where the module lies in it, with `/`; empty: the repository is the module's own. */
	prefix: z.string().optional(),
	branch: z.string().optional(),
	problem: failureSchema.optional(),
})

/** What is said of a module beside its files. */
export const moduleStandingSchema = z.object({
	working: workingStateSchema,
	published: publishedVersionSchema.optional(),
	repository: repositorySchema,
	/** What a person should know and nothing stops for: a moved tag, a repository that is damaged. */
	problems: z.array(failureSchema),
})
export type ModuleStanding = z.infer<typeof moduleStandingSchema>

/** A module as the editor opens it. */
export const libraryOpenedSchema = openModuleSchema.extend({
	/** Of the text: the `base` of a save. */
	textDigest: digestSchema,
	sources: z.array(librarySourceSchema),
	/** Absent: none. */
	links: z.array(strayLinkSchema).optional(),
	isArchived: z.boolean(),
	standing: moduleStandingSchema,
	/** Newest first. */
	drafts: z.array(draftSchema),
})
export type LibraryOpened = z.infer<typeof libraryOpenedSchema>

/**
 * What became of a module's files since the item before. `own`: all of it was written by this program on somebody's
 * call. `index` is there when the text changed; `sources` holds the new and the changed ones.
 */
export const moduleChangeSchema = z.discriminatedUnion("type", [
	z.object({ type: z.literal("snapshot"), seq: z.number(), module: libraryOpenedSchema }),
	z.object({
		type: z.literal("changed"),
		seq: z.number(),
		own: z.boolean(),
		index: z.object({ text: z.string(), textDigest: digestSchema }).optional(),
		sources: z.array(librarySourceSchema),
		removed: z.array(z.string()),
		/** All of them. */
		links: z.array(strayLinkSchema).optional(),
		findings: z.array(findingSchema),
		/** Of the whole; absent while there are faults. */
		digest: z.string().optional(),
		standing: moduleStandingSchema,
	}),
	/** The folder cannot be read any more; it is looked for until it is back, then a snapshot comes. */
	z.object({ type: z.literal("unreadable"), seq: z.number(), failure: failureSchema }),
])
export type ModuleChange = z.infer<typeof moduleChangeSchema>

/** `conflict`: the file is not what the editor started from; nothing was written. Absent `text`: no file, or no text. */
export const saveResultSchema = z.discriminatedUnion("state", [
	z.object({ state: z.literal("saved"), digest: digestSchema }),
	z.object({
		state: z.literal("conflict"),
		theirs: z.object({ text: z.string().optional(), digest: digestSchema.optional() }),
		ours: z.string(),
	}),
])
export type SaveResult = z.infer<typeof saveResultSchema>

/** Where a new source's content comes from; `path` is on this machine, `upload` was sent in pieces. */
export const newSourceSchema = z.object({
	/** Below `src/`. */
	target: z.string().max(4096),
	from: z.discriminatedUnion("kind", [
		z.object({ kind: z.literal("text"), text: z.string().max(MAX_EDITED_TEXT) }),
		z.object({ kind: z.literal("path"), path: z.string().max(4096) }),
		z.object({ kind: z.literal("upload"), upload: z.string().max(64) }),
	]),
	/** Digest of the file that is to be replaced; absent: there must be none. */
	replaces: digestSchema.optional(),
	/** Absent: as the file that it comes from, or that it replaces. */
	isExecutable: z.boolean().optional(),
})
export type NewSource = z.infer<typeof newSourceSchema>

/** What became of one source. `conflict`: something else stands there, nothing was written; `digest`: what. */
export const sourceResultSchema = z.discriminatedUnion("state", [
	z.object({ state: z.literal("done"), target: z.string(), digest: digestSchema.optional() }),
	z.object({ state: z.literal("conflict"), target: z.string(), digest: digestSchema.optional() }),
	z.object({ state: z.literal("failed"), target: z.string(), failure: failureSchema }),
])
export type SourceResult = z.infer<typeof sourceResultSchema>

/** Progress of many files: `count` of `total` are through; `results` are those since the item before. */
export const sourceProgressSchema = z.object({
	count: z.number(),
	total: z.number(),
	results: z.array(sourceResultSchema),
})
export type SourceProgress = z.infer<typeof sourceProgressSchema>

/** A source as an editor shows it; `text` for UTF-8 up to `MAX_EDITED_TEXT`. */
export const sourceContentSchema = z.object({
	target: z.string(),
	size: z.number(),
	digest: digestSchema,
	isExecutable: z.boolean(),
	text: z.string().optional(),
})
export type SourceContent = z.infer<typeof sourceContentSchema>

/** One file that differs between two versions. */
export const fileChangeSchema = z.object({
	/** `index.json` or `src/...`. */
	path: z.string(),
	/** `mode`: the executable bit alone. */
	change: z.enum(["added", "removed", "changed", "mode"]),
	sizeBefore: z.number().optional(),
	sizeAfter: z.number().optional(),
	isExecutableBefore: z.boolean().optional(),
	isExecutableAfter: z.boolean().optional(),
	/** Unified, for text up to 1 MiB; absent for what is no text, or when the whole became too long. */
	diff: z.string().optional(),
})
export type FileChange = z.infer<typeof fileChangeSchema>

/** A version of the module as a call names it: a published one, a kept state (`kept/...`), or `working`. */
export const versionNameSchema = z.string().min(1).max(256)

export const proposalSchema = z.object({
	/** Digest of the text and name of all content that was looked at: `publish` refuses when they changed since. */
	base: digestSchema,
	content: z.string(),
	/** The most likely one first; `text`: as it stands in `index.json`. */
	versions: z.array(z.object({ version: z.string(), kind: z.enum(["text", "patch", "minor", "major"]) })),
	previous: publishedVersionSchema.optional(),
	/** Of the module with the first of `versions` written into it. */
	findings: z.array(findingSchema),
	/** Against `previous`; everything is added where nothing was published. */
	changes: z.array(fileChangeSchema),
	/** The keys that will sign it, each with its fingerprint and comment; none: it will not be signed. */
	signedBy: z.array(z.string()),
	/** Why it cannot be published now, besides faults in `findings`. */
	problem: failureSchema.optional(),
})
export type Proposal = z.infer<typeof proposalSchema>

export const publishResultSchema = z.discriminatedUnion("state", [
	z.object({
		state: z.literal("published"),
		version: publishedVersionSchema,
		textDigest: digestSchema,
		/** Fingerprints of the keys that signed it. */
		signedBy: z.array(z.string()),
	}),
	/** Somebody changed the files since the proposal; look again. */
	z.object({ state: z.literal("changed") }),
])
export type PublishResult = z.infer<typeof publishResultSchema>

export const versionsSchema = z.object({
	/** Highest first. */
	versions: z.array(publishedVersionSchema),
	/** The newest one that stands on every appliance it was applied to, without a failure. */
	lastSafe: z.string().optional(),
	/** Working states that a checkout kept, newest first; `checkout` takes their names. */
	kept: z.array(z.object({ name: z.string(), keptAt: z.string(), commit: z.string() })),
	standing: moduleStandingSchema,
})
export type Versions = z.infer<typeof versionsSchema>

export const checkoutResultSchema = z.object({
	version: z.string(),
	/** Under which name the state before was kept. */
	kept: z.string().optional(),
	changed: z.number(),
	removed: z.number(),
	textDigest: digestSchema,
})
export type CheckoutResult = z.infer<typeof checkoutResultSchema>
