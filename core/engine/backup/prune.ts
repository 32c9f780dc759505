import { readSmallFile } from "../disk/content.ts"
import { unlessAbsent } from "../disk/disk-error.ts"
import { parseJson } from "../disk/parse-json.ts"
import type { Host } from "../host.ts"
import { byTurn } from "../journal/records.ts"
import type { Layout } from "../layout.ts"
import type { Snapshot } from "./manifest.ts"
import { readManifest } from "./manifest-file.ts"
import { originalSchema } from "./originals.ts"
import { type PoolEnd, readPoolEnd } from "./pool-end.ts"

/** Backups kept per pool, besides the originals, those that a person must look at, and what the next revert needs. */
const KEPT = 10

/**
 * Removes what rehearsals backed up, and backups beyond the newest ten of each pool, a degraded one's only when the pool was
 * applied or reverted since; then contents that no backup and no original names. Only ever called after a run's end
 * record, under the lock. A record that cannot be read keeps every content: it may need it.
 */
export async function pruneBackups(host: Host, layout: Layout, keep: (pool: string) => string[]): Promise<void> {
	const needed = new Set<string>()
	let isComplete = true
	for (const pool of (await host.disk.readFolder(layout.pools)) ?? []) {
		const kept = await prunePool(host, layout, pool, keep(pool))
		for (const digest of kept.digests) needed.add(digest)
		isComplete &&= kept.isComplete
	}
	for (const name of (await host.disk.readFolder(layout.originals)) ?? []) {
		if (!name.endsWith(".json")) continue
		const bytes = await readSmallFile(host, `${layout.originals}/${name}`)
		const original = bytes && parseJson(originalSchema, bytes)
		for (const digest of original ? digestOf(original.snapshot) : []) needed.add(digest)
		isComplete &&= original !== undefined
	}
	if (isComplete) await removeContents(host, layout, needed)
}

async function prunePool(host: Host, layout: Layout, pool: string, keep: string[]) {
	const backups: { run: string; at: string; end: PoolEnd | undefined; digests: string[] }[] = []
	let newer = 0
	let isComplete = true
	for (const run of (await host.disk.readFolder(layout.pool(pool))) ?? []) {
		const folder = layout.backup(pool, run)
		const read = await readManifest(host, layout, pool, run)
		if ("manifest" in read) {
			backups.push({
				run,
				at: read.manifest.at,
				end: await readPoolEnd(host, layout, pool, run),
				digests: read.manifest.entries.flatMap(({ before }) => digestOf(before)),
			})
		} else if (await host.disk.lstat(`${folder}/manifest.json`)) {
			isComplete = false
		} else {
			await host.disk.removeTree(folder)
		}
	}
	backups.sort((a, b) => byTurn({ ...b.end, at: b.at }, { ...a.end, at: a.at }))
	const digests: string[] = []
	let isProvedSince = false
	for (const { run, end, digests: named } of backups) {
		await host.disk.removeTree(layout.changedBackup(pool, run))
		const isCounted = !hasLeftNothing(end)
		const stays = keep.includes(run) || mayBeNeeded(end, isProvedSince) || (isCounted && newer < KEPT)
		if (isCounted) newer++
		isProvedSince ||= isCounted && end?.outcome === "applied"
		if (stays) digests.push(...named)
		else await host.disk.removeTree(layout.backup(pool, run))
	}
	return { digests, isComplete }
}

/**
 * A degraded pool's backup is all that its customer has left, until a person has looked: no run can tell that, except by
 * applying or reverting the pool with success. Then it is one like the others.
 */
function mayBeNeeded(end: PoolEnd | undefined, isProvedSince: boolean): boolean {
	return end === undefined || (end.outcome === "degraded" && !isProvedSince)
}

/** Everything is verified to be as it was: nothing goes back to this backup, and it takes no other one's place. */
function hasLeftNothing(end: PoolEnd | undefined): boolean {
	return end?.kind === "rehearse" && end.outcome !== "degraded"
}

function digestOf(snapshot: Snapshot): string[] {
	return snapshot.kind === "file" ? [snapshot.digest] : []
}

async function removeContents(host: Host, layout: Layout, needed: Set<string>): Promise<void> {
	for (const name of (await host.disk.readFolder(layout.blobs)) ?? []) {
		if (!needed.has(name)) await unlessAbsent(host.disk.remove(layout.blob(name)))
	}
}
