import type { Reason } from "../../schema/outcome.ts"
import type { BackupManifest } from "../backup/manifest.ts"
import type { OnFile } from "../backup/take-backup.ts"
import { inPhase } from "../pool/in-phase.ts"
import type { PoolWork } from "../pool/pool-work.ts"

/** Phase 3: no complete backup, no write. The journal says so only when all of it is on disk. */
export function backup(work: PoolWork): Promise<Reason | undefined> {
	const { scope, pool } = work
	return inPhase(scope, pool, "backup", async () => {
		const { manifest, digest } = await backUp(work, {}, (destination, action, snapshot) => {
			const content = snapshot.kind === "file" ? { digest: snapshot.digest, size: snapshot.size } : {}
			scope.emit({ type: "file", pool, phase: "backup", destination, action, ...content })
		})
		await scope.journal.commit({ type: "backup-complete", pool, manifest: digest })
		work.manifest = manifest
		return undefined
	})
}

/** What stands at the pool's destinations now, complete and on disk. */
export function backUp(
	{ scope, ...task }: PoolWork,
	place: { folder?: string },
	onFile: OnFile,
): Promise<{ manifest: BackupManifest; digest: string }> {
	const { pool, destinations, closure, timeoutSeconds, redact, unmakes, isLeaving, stands, releases } = task
	const { run, kind, module } = scope
	const state = {
		...(isLeaving ? { isLeaving } : {}),
		...(stands ? { stands } : {}),
		...(releases ? { releases } : {}),
	}
	const proof = { closure, timeoutSeconds, redact }
	const request = { run, kind, pool, module, destinations, unmakes, ...proof, ...state, ...place }
	return scope.stateManager.backup(request, onFile)
}
