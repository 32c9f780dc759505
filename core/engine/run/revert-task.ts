import type { BackupManifest, Snapshot } from "../backup/manifest.ts"
import { readOriginal } from "../backup/originals.ts"
import type { Wanted } from "../change.ts"
import { hashFile } from "../disk/content.ts"
import { sideBySide } from "../disk/side-by-side.ts"
import type { Host } from "../host.ts"
import type { PoolTask } from "../pool/pool-work.ts"
import type { EngineState } from "../state/state.ts"
import { own } from "../state/state.ts"
import type { Base } from "./open-run.ts"

/** Destinations that are no longer what we last wrote there. */
export async function findChanged(host: Host, state: EngineState, manifest: BackupManifest): Promise<string[]> {
	const changed = await sideBySide(manifest.entries, async ({ path, destination, after }) => {
		const stat = await host.disk.lstat(path)
		const digest = stat?.kind === "file" ? (await hashFile(host, path)).digest : undefined
		const written = own(state.files, path)?.digest ?? (after.kind === "file" ? after.digest : undefined)
		return digest === written && (stat === undefined || stat.kind === "file") ? [] : [destination]
	})
	return changed.flat()
}

/** What stood before a pool was applied, or the customer's originals, as something to be applied in turn. */
export async function makeRevertTask(base: Base, manifest: BackupManifest, toOriginal: boolean): Promise<PoolTask> {
	const { host, layout } = base
	const { pool, entries, makes, closure, timeoutSeconds, redact = [] } = manifest
	const changes = await sideBySide(entries, async ({ destination, path, before }) => {
		const snapshot = toOriginal ? ((await readOriginal(host, layout, path))?.snapshot ?? before) : before
		return { destination, wanted: wantedOf(base, snapshot), ...(toOriginal ? { isReturn: true } : {}) }
	})
	return { pool, changes, unmakes: makes, checks: [], closure, timeoutSeconds, redact, faults: [] }
}

export function wantedOf({ layout }: Base, snapshot: Snapshot): Wanted {
	return snapshot.kind === "absent" ? snapshot : { kind: "snapshot", from: layout.blob(snapshot.digest), snapshot }
}
