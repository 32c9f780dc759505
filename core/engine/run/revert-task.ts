import type { BackupManifest, Entry, PoolState, Snapshot } from "../backup/manifest.ts"
import { readManifest } from "../backup/manifest-file.ts"
import { findOriginal } from "../backup/originals.ts"
import { hasLeftFiles, readPoolEnd } from "../backup/pool-end.ts"
import type { Change, Wanted } from "../change.ts"
import { sideBySide } from "../disk/side-by-side.ts"
import type { PoolTask } from "../pool/pool-work.ts"
import { type EngineState, own } from "../state/state.ts"
import { readStateBefore } from "../state/state-file.ts"
import type { Base } from "./open-run.ts"

/** What stood before a pool was applied, or the customer's originals, as something to be applied in turn. */
export async function makeRevertTask(base: Base, manifest: BackupManifest, toOriginal: boolean): Promise<PoolTask> {
	const { pool, closure, timeoutSeconds, redact = [] } = manifest
	const back = toOriginal ? await makeOriginals(base, manifest) : await makeStepBack(base, manifest)
	return { pool, checks: [], closure, timeoutSeconds, redact, ...back }
}

type Back = Pick<PoolTask, "changes" | "unmakes" | "faults" | "stands">

async function makeStepBack(base: Base, manifest: BackupManifest): Promise<Back> {
	const then = await readStateBefore(base.host, base.layout, manifest.run, manifest.pool)
	const changes = manifest.entries.map(({ destination, path, before }): Change => {
		const written = own(then.files, path)
		return {
			destination,
			stoodAt: path,
			wanted: wantedOf(base, before),
			...(written ? { written } : { isReturn: true }),
		}
	})
	const stands = await findStanding(base, then, manifest)
	return { changes, unmakes: manifest.makes, faults: [], ...(stands ? { stands } : {}) }
}

/** What an earlier run had applied stands again, and can be reverted in turn, as long as its backup is kept. */
async function findStanding(
	{ host, layout }: Base,
	then: EngineState,
	{ pool, module }: BackupManifest,
): Promise<PoolState | undefined> {
	const run = own(own(then.modules, module.name)?.pools ?? {}, pool)?.appliedRun
	const read = run === undefined ? undefined : await readManifest(host, layout, pool, run)
	if (run === undefined || !read || "fault" in read) return undefined
	const { version, digest } = read.manifest.module
	return { outcome: "applied", run, at: read.manifest.at, version, digest, appliedRun: run }
}

async function makeOriginals(base: Base, manifest: BackupManifest): Promise<Back> {
	const faults: string[] = []
	const made = await findMade(base, manifest.pool)
	const changes = await sideBySide(manifest.entries, async (entry: Entry): Promise<Change[]> => {
		const found = await findOriginal(base.host, base.layout, entry.path)
		if ("original" in found) {
			const wanted = wantedOf(base, found.original.snapshot)
			for (const folder of found.original.makes ?? []) made.add(folder)
			return [{ destination: entry.destination, stoodAt: entry.path, wanted, isReturn: true }]
		}
		faults.push(found.fault)
		return []
	})
	return { changes: changes.flat(), unmakes: [...made], faults }
}

/**
 * Folders that any kept run of the pool made and left; older runners did not keep them with the originals. One that only a
 * failed run had made is its owner's by now.
 */
async function findMade({ host, layout }: Base, pool: string): Promise<Set<string>> {
	const made = new Set<string>()
	for (const run of (await host.disk.readFolder(layout.pool(pool))) ?? []) {
		const end = await readPoolEnd(host, layout, pool, run)
		if (end?.kind !== "apply" || !hasLeftFiles(end)) continue
		const read = await readManifest(host, layout, pool, run)
		if ("manifest" in read) for (const folder of read.manifest.makes) made.add(folder)
	}
	return made
}

export function wantedOf({ layout }: Base, snapshot: Snapshot): Wanted {
	return snapshot.kind === "absent" ? snapshot : { kind: "snapshot", from: layout.blob(snapshot.digest), snapshot }
}
