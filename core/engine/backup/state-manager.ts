import type { Host } from "../host.ts"
import type { Layout } from "../layout.ts"
import type { OnPlaced } from "../phases/apply-changes.ts"
import { restoreBackup } from "../phases/restore-backup.ts"
import type { BackupManifest } from "./manifest.ts"
import { pruneBackups } from "./prune.ts"
import { type BackupRequest, type OnFile, takeBackup } from "./take-backup.ts"
import { verifyBackup } from "./verify-backup.ts"

/** The specification's StateManager: keeps what stood at a pool's destinations, and puts it back. */
export interface StateManager {
	/** Everything is verified and on disk when this resolves; rejects when any destination could not be backed up. */
	backup(request: BackupRequest, onFile: OnFile): Promise<{ manifest: BackupManifest; digest: string }>
	/** How the destinations differ from the backup; nothing when they are exactly as before. `left`: paths not to look at. */
	verify(manifest: BackupManifest, left: ReadonlySet<string>): Promise<string[]>
	/** Puts everything back but the paths in `left`; what could not be put back. */
	restore(manifest: BackupManifest, left: ReadonlySet<string>, onPlaced: OnPlaced): Promise<string[]>
	/** Removes backups that nothing needs any more; `keep` names runs whose backups of a pool stay. */
	prune(keep: (pool: string) => string[]): Promise<void>
}

export function createStateManager(host: Host, layout: Layout): StateManager {
	return {
		backup: (request, onFile) => takeBackup(host, layout, request, onFile),
		verify: (manifest, left) => verifyBackup(host, layout, manifest, left),
		restore: (manifest, left, onPlaced) => restoreBackup(host, layout, manifest, left, onPlaced),
		prune: (keep) => pruneBackups(host, layout, keep),
	}
}
