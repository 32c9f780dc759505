import { isBlobSound } from "../backup/blobs.ts"
import { findUnsoundCarriers } from "../backup/carriers.ts"
import { restoreFolders } from "../backup/folders.ts"
import { findLostMounts, withoutLost } from "../backup/lost-mounts.ts"
import type { BackupManifest, Entry } from "../backup/manifest.ts"
import { codeOf, isFull, meaningOf, unlessAbsent } from "../disk/disk-error.ts"
import { inFolder, removeIn } from "../disk/held-folder.ts"
import { makeFolderIn, missingFolders } from "../disk/make-folders.ts"
import { folderOf } from "../disk/path.ts"
import { createReserve } from "../disk/reserve.ts"
import { sideBySide } from "../disk/side-by-side.ts"
import type { Host } from "../host.ts"
import type { Layout } from "../layout.ts"
import type { OnPlaced } from "./apply-changes.ts"
import { type Placement, putInPlace, stage, syncStaged } from "./place-file.ts"
import { makeRoom, restoreCramped } from "./restore-cramped.ts"
import { removeMade, restoreLink, tempsOf } from "./restore-names.ts"
import { shedInherited } from "./shed-inherited.ts"
import { byFolder, setStagedTimes } from "./staged-times.ts"
import { isUntouched } from "./untouched.ts"

/**
 * Puts every destination back to what the backup holds. May be cut short anywhere and repeated. One that cannot be put
 * back is left alone and does not stop the others; what went wrong comes back as sentences, none when all is well. Paths in
 * `left` are somebody else's by now.
 */
export async function restoreBackup(
	host: Host,
	layout: Layout,
	whole: BackupManifest,
	left: ReadonlySet<string>,
	onPlaced: OnPlaced,
): Promise<string[]> {
	const lost = await findLostMounts(host, whole)
	const manifest = withoutLost(whole, lost)
	const faults = lost.map((path) => `nothing is mounted at ${path} any more: what lies there could not be put back`)
	const attempt = async (what: string, step: () => Promise<unknown>): Promise<boolean> => {
		try {
			await step()
			return true
		} catch (error) {
			faults.push(`cannot ${what}: ${meaningOf(error)}`)
			return false
		}
	}
	const cramped: Placement[] = []
	/** The same for one file; when the disk is full it waits until the others have made room. */
	const attemptFile = async (file: Placement, step: () => Promise<unknown>): Promise<boolean> => {
		const isDone = await attempt(`restore ${file.destination}`, async () => {
			try {
				await step()
			} catch (error) {
				if (!isFull(error)) throw error
				await removeIn(host, file.temp)
				cramped.push(file)
			}
		})
		return isDone && !cramped.includes(file)
	}
	const reserve = createReserve(host, layout.run(manifest.run).folder)
	// Where it cannot, what needs the room says so.
	await makeRoom(host, layout, reserve).catch(() => {})
	const ours = manifest.entries.filter(({ path }) => !left.has(path))
	const touched = await filterAsync(ours, async (entry) => !(await isUntouched(host, manifest, entry)))
	const removeTemps = () =>
		sideBySide(manifest.entries.flatMap(tempsOf), (temp) => attempt(`remove ${temp}`, () => removeIn(host, temp)))
	await removeTemps()

	await restoreFolders(host, manifest, attempt)
	const snapshots = touched.map(({ before }) => before)
	// Where that cannot be told, what was given is verified afterwards all the same.
	const unsound = await findUnsoundCarriers(
		host,
		snapshots,
		`${layout.backup(manifest.pool, manifest.run)}/find`,
	).catch(() => new Set<string>())
	const placements = touched.flatMap((entry) => placementOf(layout, entry))
	const sound = await filterAsync(placements, (file) =>
		attemptFile(file, async () => {
			if (!(await isBlobSound(host, layout, file.digest))) throw new Error("its backup is missing or damaged")
			if (file.carrier !== undefined && unsound.has(file.carrier))
				throw new Error("its backed up attributes are missing or damaged")
			for (const folder of await missingFolders(host, folderOf(file.path))) await makeFolderIn(host, folder, 0o755)
			await stage(host, file)
		}),
	)
	// The same: a file that kept what its folder gives is told by the comparison.
	await shedInherited(host, sound, layout.backup(manifest.pool, manifest.run)).catch(() => {})
	await sideBySide(byFolder(sound), (files) =>
		attempt("set the times of restored files", () => setStagedTimes(host, files)),
	)
	await sideBySide(sound, (file) => attemptFile(file, () => syncStaged(host, file)))
	for (const file of sound.filter((file) => !cramped.includes(file))) {
		if (await attemptFile(file, () => putInPlace(host, file))) onPlaced(file.destination, "restored")
	}
	for (const entry of touched.filter(({ before }) => before.kind === "absent")) {
		const remove = () => removeIn(host, entry.path)
		if (await attempt(`remove ${entry.destination}`, remove)) onPlaced(entry.destination, "removed")
	}
	for (const file of cramped) {
		if (await attempt(`restore ${file.destination}`, () => restoreCramped(host, reserve, file)))
			onPlaced(file.destination, "restored")
	}
	for (const entry of ours) await attempt(`restore ${entry.destination}`, () => restoreLink(host, entry))
	// Of those that could be staged, but not put in place.
	await removeTemps()
	await attempt("make the restored files safe on disk", () => syncFolders(host, manifest))
	await attempt("remove a folder that the pool made", () => removeMade(host, manifest.makes))
	return [...new Set(faults)]
}

async function filterAsync<T>(items: T[], keep: (item: T) => Promise<boolean>): Promise<T[]> {
	const kept = await sideBySide(items, keep)
	return items.filter((_, index) => kept[index])
}

function placementOf(layout: Layout, entry: Entry): Placement[] {
	const { before, destination, path, temp, inPlace, seen } = entry
	if (before.kind === "absent") return []
	const { digest, uid, gid, mode, attributes } = before
	const place = {
		destination,
		path,
		temp,
		inPlace,
		from: layout.blob(digest),
		digest,
		uid,
		gid,
		mode,
		times: before,
		seen,
	}
	return [attributes ? { ...place, carrier: attributes.carrier } : { ...place, isPlain: true }]
}

/**
 * Every folder on the way to a destination: names put back, folders made again, modes given back. Also where all is as it
 * was already: a restore that was killed may have left that in memory only.
 */
async function syncFolders(host: Host, { entries }: BackupManifest): Promise<void> {
	const folders = new Set<string>()
	for (const { path, linkPath = path } of entries) {
		for (const name of [path, linkPath]) {
			for (let folder = folderOf(name); !folders.has(folder); folder = folderOf(folder)) folders.add(folder)
		}
	}
	await sideBySide([...folders], (folder) => unlessAbsent(syncHeld(host, folder)))
}

async function syncHeld(host: Host, path: string): Promise<void> {
	try {
		await inFolder(host, path, ({ folder }) => folder.sync())
	} catch (error) {
		// What this process may not open, it has made nothing in.
		if (codeOf(error) !== "EACCES") throw error
	}
}
