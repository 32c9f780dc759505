import type { Reason } from "../../schema/outcome.ts"
import { storeChanged } from "../backup/changed-content.ts"
import type { BackupManifest, Entry, FileSnapshot } from "../backup/manifest.ts"
import type { Destination } from "../change.ts"
import { sideBySide } from "../disk/side-by-side.ts"
import { inPhase } from "../pool/in-phase.ts"
import type { PoolWork } from "../pool/pool-work.ts"
import { contentOf } from "./apply.ts"
import { applyChanges } from "./apply-changes.ts"
import { backUp } from "./backup.ts"

/**
 * A rehearsal's change to each existing file, as its owner might have made it, under the complete backup of the true
 * originals: told as a phase `apply`. Its way back is the `restore` of those.
 */
export function modify(work: PoolWork): Promise<Reason | undefined> {
	const { scope, pool, destinations, manifest } = work
	return inPhase(scope, pool, "apply", async () => {
		if (!manifest) throw new Error("cannot change files without a complete backup")
		const existing = manifest.entries.flatMap((entry, index) =>
			entry.before.kind === "file" ? [{ entry, before: entry.before, destination: destinations[index] }] : [],
		)
		const changes = await sideBySide(existing, async ({ entry, before, destination }, index) => {
			const changed = await changedSnapshot(work, before, `.${scope.run}-${pool}-${index}`)
			return changeOf(work, entry, destination as Destination, changed)
		})
		const changing: BackupManifest = {
			...manifest,
			makes: [],
			unmakes: [],
			entries: changes.map(({ entry }) => entry),
		}
		const wanted = changes.map(({ destination }) => destination)
		const scratch = scope.layout.backup(pool, scope.run)
		await applyChanges(scope.host, changing, wanted, scratch, work.begun, (destination, _, content) =>
			scope.emit({ type: "file", pool, phase: "apply", destination, action: "changed", ...contentOf(content) }),
		)
		return undefined
	})
}

/**
 * The second backup of such a rehearsal: of the changed files, which the pool then goes back to. The journal does not
 * name it: recovery knows the true originals only.
 */
export function backupChanged(work: PoolWork): Promise<Reason | undefined> {
	const { scope, pool, manifest } = work
	return inPhase(scope, pool, "backup", async () => {
		if (!manifest) throw new Error("cannot back changed files up without the backup of the true ones")
		const folder = scope.layout.changedBackup(pool, scope.run)
		// Not told file by file: what stood before a run is what its owner had.
		const changed = await backUp(work, { folder }, () => {})
		work.original = manifest
		work.manifest = changed.manifest
		return undefined
	})
}

async function changedSnapshot({ scope }: PoolWork, before: FileSnapshot, tempName: string): Promise<FileSnapshot> {
	const { host, layout } = scope
	const { digest, size } = await storeChanged(host, layout, before, tempName)
	const now = `${host.clock.now()}000000`
	return { ...before, digest, size, atimeNs: now, mtimeNs: now }
}

function changeOf(
	{ scope: { layout } }: PoolWork,
	entry: Entry,
	destination: Destination,
	snapshot: FileSnapshot,
): { entry: Entry; destination: Destination } {
	const { digest, size, mode, uid, gid } = snapshot
	return {
		entry: { ...entry, after: { kind: "file", digest, size, mode, uid, gid } },
		destination: { ...destination, wanted: { kind: "snapshot", from: layout.blob(digest), snapshot } },
	}
}
