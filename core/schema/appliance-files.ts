import { z } from "zod"
import { failureSchema } from "./failure.ts"
import { digestSchema } from "./manifest.ts"

/** Entries of one page of a folder. */
export const MAX_FOLDER_PAGE = 500
/** Names of a folder that are looked at; what comes behind them is said to be left out. */
export const MAX_FOLDER_NAMES = 50_000
/** Larger files are neither fetched nor digested. */
export const MAX_FETCHED_BYTES = 100 * 1024 * 1024

const count = z.number().int().nonnegative()
const name = z.string().max(4096)

/** Which state of which file was read: any change of its bytes gives a file another `changed`. Numbers as text. */
export const fileIdentitySchema = z.object({
	device: z.string().max(40),
	inode: z.string().max(40),
	/** `ctime` in nanoseconds since 1970. */
	changed: z.string().max(40),
	size: count,
})
export type FileIdentity = z.infer<typeof fileIdentitySchema>

export const fileFactsSchema = z.object({
	/** Bytes. */
	size: count,
	mode: z.number().int().min(0).max(0o7777),
	uid: z.number().int(),
	gid: z.number().int(),
	/** Names of the accounts, where the appliance knows them. */
	owner: name.optional(),
	group: name.optional(),
	/** ISO 8601. */
	modified: z.string().max(40),
})
export type FileFacts = z.infer<typeof fileFactsSchema>

/** `other`: a pipe, socket or device. */
export const entryKindSchema = z.enum(["file", "folder", "link", "other"])

export const folderEntrySchema = fileFactsSchema.partial().extend({
	/** Bytes that are no UTF-8 are written `\xNN`; `isNameSound` is false then, and no path leads there. */
	name,
	isNameSound: z.boolean(),
	/** Absent where it could not be looked at. */
	kind: entryKindSchema.optional(),
	/** Of a link: where it says that it leads, word for word, and what is there; absent `kind`: nothing. */
	link: z.object({ target: name, kind: entryKindSchema.optional(), size: count.optional() }).optional(),
})
export type FolderEntry = z.infer<typeof folderEntrySchema>

export const folderPageSchema = z.object({
	/** The folder as it was asked for, and where it really lies. */
	path: z.string().max(8192),
	realPath: z.string().max(8192),
	/** By name. */
	entries: z.array(folderEntrySchema).max(MAX_FOLDER_PAGE),
	/** Of the names that fit the search. */
	total: count,
	hasMore: z.boolean(),
	/** The folder has more names than are looked at. */
	isCut: z.boolean(),
})
export type FolderPage = z.infer<typeof folderPageSchema>

/** What a pool wrote last at a destination, by the appliance's own record. */
export const appliedFileSchema = z.object({
	digest: digestSchema,
	module: name,
	pool: name,
	version: name,
	run: name,
	/** Whether `readContent` still has it. */
	isKept: z.boolean(),
})
export type AppliedFile = z.infer<typeof appliedFileSchema>

/** A destination as it stands. `digest` is absent of a file too large to be read for it. */
export const standingFileSchema = z.discriminatedUnion("state", [
	z.object({
		state: z.literal("file"),
		...fileFactsSchema.shape,
		realPath: z.string().max(8192),
		digest: digestSchema.optional(),
	}),
	z.object({ state: z.literal("absent") }),
	z.object({ state: z.literal("refused"), failure: failureSchema }),
])
export type StandingFile = z.infer<typeof standingFileSchema>

export const seenDestinationSchema = z.object({
	destination: z.string().max(4096),
	now: standingFileSchema,
	applied: appliedFileSchema.optional(),
})
export type SeenDestination = z.infer<typeof seenDestinationSchema>
