import type { FileAction } from "../../schema/event.ts"
import type { BackupManifest, Entry, FileSnapshot } from "../backup/manifest.ts"
import type { Destination } from "../change.ts"
import { inFolder, lstatIn, removeIn } from "../disk/held-folder.ts"
import { makeFolderIn } from "../disk/make-folders.ts"
import { folderOf } from "../disk/path.ts"
import { sideBySide } from "../disk/side-by-side.ts"
import type { Host } from "../host.ts"
import { ChangedMeanwhile, createOnlooker } from "./changed-meanwhile.ts"
import { type Placement, putInPlace, stage, syncStaged } from "./place-file.ts"
import { removeMade } from "./restore-names.ts"
import { shedInherited } from "./shed-inherited.ts"
import { byFolder, setStagedTimes } from "./staged-times.ts"

export type OnPlaced = (destination: string, action: FileAction, content?: { digest: string; size: number }) => void

interface Step {
	entry: Entry
	destination: Destination
}

/**
 * Writes what a pool wants, under a complete backup: every file is staged and safe on disk before the first one is put
 * in place. Stands beside `restoreBackup`; throws at the first thing that does not work, and before anything is written
 * over that is not what was backed up. `scratch`: a folder of the engine's own. `begun` gets each path right before it is
 * changed.
 */
export async function applyChanges(
	host: Host,
	manifest: BackupManifest,
	destinations: Destination[],
	scratch: string,
	begun: Set<string>,
	onPlaced: OnPlaced,
): Promise<void> {
	for (const folder of manifest.makes) await makeFolderIn(host, folder, 0o755)
	const steps = manifest.entries.map((entry, index) => ({ entry, destination: destinations[index] as Destination }))
	for (const { entry } of steps.filter(isAlready)) onPlaced(entry.destination, "verified")
	const placements = steps.filter((step) => !isAlready(step)).flatMap(placementOf)
	await sideBySide(placements, (file) => stage(host, file))
	await shedInherited(host, placements, scratch)
	await sideBySide(byFolder(placements), (files) => setStagedTimes(host, files))
	await sideBySide(placements, (file) => syncStaged(host, file))
	const entries = new Map(manifest.entries.map((entry) => [entry.path, entry]))
	const { check } = createOnlooker(host, manifest, begun)
	for (const file of placements) {
		const entry = entries.get(file.path)
		await begin(begun, file.path, () => putInPlace(host, file, entry && (() => check(entry))))
		const content = entry?.after.kind === "file" ? entry.after : undefined
		onPlaced(file.destination, entry?.before.kind === "file" ? "replaced" : "created", content)
	}
	for (const { entry } of steps.filter((step) => !isAlready(step) && step.entry.after.kind === "absent")) {
		await begin(begun, entry.path, async () => {
			if (await lstatIn(host, entry.path)) await check(entry)
			await removeIn(host, entry.path)
		})
		onPlaced(entry.destination, "removed")
	}
	const folders = new Set([...manifest.entries.map(({ path }) => path), ...manifest.makes].map(folderOf))
	await sideBySide([...folders], (folder) => inFolder(host, folder, (held) => held.folder.sync()))
	await removeMade(host, manifest.unmakes)
	// Not written, and yet what the closure is to prove.
	await sideBySide(steps.filter(isAlready), ({ entry }) => check(entry))
}

/** Whatever a rehearsal has changed before counts as begun, whoever changed it since. */
async function begin(begun: Set<string>, path: string, step: () => Promise<void>): Promise<void> {
	const isFirst = !begun.has(path)
	begun.add(path)
	try {
		await step()
	} catch (error) {
		if (isFirst && error instanceof ChangedMeanwhile) begun.delete(path)
		throw error
	}
}

/** Whether the module's content stands there already, owner and mode as they shall be: not touched then. */
function isAlready({ entry: { before, after }, destination }: Step): boolean {
	if (before.kind === "absent" || after.kind === "absent") return before.kind === after.kind
	const { wanted } = destination
	const isKept = wanted.kind === "content" || (wanted.kind === "snapshot" && hasTimesOf(before, wanted.snapshot))
	const isOwned = before.uid === after.uid && before.gid === after.gid && before.mode === after.mode
	return isKept && isOwned && before.digest === after.digest
}

/** A state from before means times and attributes, too. */
function hasTimesOf(now: FileSnapshot, wanted: FileSnapshot): boolean {
	return now.mtimeNs === wanted.mtimeNs && now.attributes?.digest === wanted.attributes?.digest
}

function placementOf({ entry, destination }: Step): Placement[] {
	const { after, before, path, temp, inPlace, seen } = entry
	const { wanted } = destination
	if (after.kind === "absent" || wanted.kind === "absent") return []
	const kept = wanted.kind === "snapshot" ? wanted.snapshot : before.kind === "file" ? before : undefined
	const carrier = kept?.attributes?.carrier
	const times = wanted.kind === "snapshot" ? wanted.snapshot : undefined
	const { digest, uid, gid, mode } = after
	const source = wanted.seen ? { from: wanted.from, seenFrom: wanted.seen } : { from: wanted.from }
	const place = { destination: entry.destination, path, temp, inPlace, ...source, digest, uid, gid, mode }
	const isPlain = kept !== undefined && !carrier
	return [
		{
			...place,
			...(isPlain ? { isPlain } : {}),
			...(seen ? { seen } : {}),
			...(carrier ? { carrier } : {}),
			...(times ? { times } : {}),
		},
	]
}
