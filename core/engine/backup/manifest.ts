import { z } from "zod"
import { runKindSchema } from "../../schema/event.ts"
import { digestSchema } from "../../schema/manifest.ts"
import { poolOutcomeSchema } from "../../schema/outcome.ts"
import type { Host } from "../host.ts"
import { moduleVersionSchema } from "../journal/records.ts"

/** Nanoseconds since 1970; JSON has no integers of that size. */
const nanoseconds = z.string().regex(/^-?\d+$/)

/** A regular file as it was: everything needed to make it again. */
export const fileSnapshotSchema = z.object({
	kind: z.literal("file"),
	digest: digestSchema,
	size: z.number().int().nonnegative(),
	mode: z.number().int(),
	uid: z.number().int(),
	gid: z.number().int(),
	atimeNs: nanoseconds,
	mtimeNs: nanoseconds,
	/** Its extended attributes and ACLs, where it has any: a digest of them, and the empty file that carries them. */
	attributes: z.object({ digest: z.string(), carrier: z.string() }).optional(),
})
export type FileSnapshot = z.infer<typeof fileSnapshotSchema>

export const snapshotSchema = z.discriminatedUnion("kind", [
	z.object({ kind: z.literal("absent") }),
	fileSnapshotSchema,
])
export type Snapshot = z.infer<typeof snapshotSchema>

/** What a pool writes at a destination. */
export const resultSchema = z.discriminatedUnion("kind", [
	z.object({ kind: z.literal("absent") }),
	fileSnapshotSchema.pick({ kind: true, digest: true, size: true, mode: true, uid: true, gid: true }),
])
export type Result = z.infer<typeof resultSchema>

/** Who wrote what stands at a path, by the state. */
export const writtenSchema = z.object({
	digest: digestSchema,
	module: z.string(),
	pool: z.string(),
	run: z.string(),
	version: z.string(),
})
export type Written = z.infer<typeof writtenSchema>

/** How a pool stands on the appliance. */
export const poolStateSchema = z.object({
	outcome: poolOutcomeSchema,
	run: z.string(),
	at: z.string(),
	version: z.string(),
	digest: digestSchema,
	/** The run whose files stand there now, if any: its backup is what the next revert needs. */
	appliedRun: z.string().optional(),
})
export type PoolState = z.infer<typeof poolStateSchema>

/** One destination in a backup. */
export const entrySchema = z.object({
	/** As the module names it. */
	destination: z.string(),
	/** The file that is really written: `destination` without links. Its folder must still be that when it is restored. */
	path: z.string(),
	/** Where the link at `destination` led, word for word; absent when it is none. */
	link: z.string().optional(),
	/** The link itself, in its folder without links; absent in backups of older runners. */
	linkPath: z.string().optional(),
	/** Written first, renamed over `path`; whatever is left of it goes away on restore. */
	temp: z.string(),
	/** Hard links and mount points cannot be replaced by a rename. */
	inPlace: z.boolean(),
	before: snapshotSchema,
	/** Which file it was, to tell untouched ones apart: any change gives a file another `ctime`. */
	seen: z.object({ device: z.string(), inode: z.string(), ctimeNs: nanoseconds }).optional(),
	after: resultSchema,
	/** Goes back to the customer's original: afterwards it is theirs again. */
	isReturn: z.boolean().optional(),
	/** A revert: what stands there afterwards was written by an earlier run. */
	written: writtenSchema.optional(),
})
export type Entry = z.infer<typeof entrySchema>

/** A folder above a destination as it was. */
export const folderSnapshotSchema = z.object({
	path: z.string(),
	mode: z.number().int(),
	uid: z.number().int(),
	gid: z.number().int(),
	device: z.string(),
	inode: z.string(),
	/** It lay on another disk than the folder above it; absent in backups of older runners. */
	isMount: z.boolean().optional(),
})
export type FolderSnapshot = z.infer<typeof folderSnapshotSchema>

/** Everything about one pool's backup in one run; also the record of what the pool wrote, once it stands applied. */
export const backupManifestSchema = z.object({
	format: z.literal(1),
	run: z.string(),
	kind: runKindSchema,
	pool: z.string(),
	module: moduleVersionSchema,
	at: z.string(),
	/** Milliseconds since 1970, before the first destination was looked at. */
	takenAt: z.number(),
	/** Of the system then running: at another boot the same disk can have another device number. */
	bootId: z.string().optional(),
	/** Folders above the destinations, outermost first; absent in backups of older runners. */
	folders: z.array(folderSnapshotSchema).optional(),
	/** Folders that the pool makes, outermost first. */
	makes: z.array(z.string()),
	/** Folders that the pool removes where they are empty: a revert takes back what was made. */
	unmakes: z.array(z.string()),
	entries: z.array(entrySchema),
	/** A revert: how the pool stands afterwards; absent when nothing of it does. */
	stands: poolStateSchema.optional(),
	/** Paths of what we wrote and leave to the appliance's owner: once the pool is applied, it is theirs. */
	releases: z.array(z.string()).optional(),
	/** The module has no such pool any more: once all is back, it is forgotten. */
	isLeaving: z.boolean().optional(),
	/** For the reclosure, which must not depend on the module still being there. */
	closure: z.array(z.string()),
	timeoutSeconds: z.number(),
	/** What the reclosure, a revert or a return masks: entries of the module's `redact`, never the values of variables. */
	redact: z.array(z.string()).optional(),
})
export type BackupManifest = z.infer<typeof backupManifestSchema>

/** Whether device numbers of a backup still mean what they meant. */
export function isSameBoot({ self }: Pick<Host, "self">, { bootId }: BackupManifest): boolean {
	return bootId === undefined || self.bootId === undefined || bootId === self.bootId
}
