import type { Reason } from "../../schema/outcome.ts"
import { inPhase } from "../pool/in-phase.ts"
import type { PoolWork } from "../pool/pool-work.ts"

/** Phase 3: no complete backup, no write. The journal says so only when all of it is on disk. */
export function backup(work: PoolWork): Promise<Reason | undefined> {
	const { scope, pool, destinations, closure, timeoutSeconds, unmakes, isLeaving } = work
	const { run, kind, module } = scope
	return inPhase(scope, pool, "backup", async () => {
		const request = {
			run,
			kind,
			pool,
			module,
			destinations,
			closure,
			timeoutSeconds,
			unmakes,
			...(isLeaving ? { isLeaving } : {}),
		}
		const { manifest, digest } = await scope.stateManager.backup(request, (destination, action, snapshot) => {
			const content = snapshot.kind === "file" ? { digest: snapshot.digest, size: snapshot.size } : {}
			scope.emit({ type: "file", pool, phase: "backup", destination, action, ...content })
		})
		await scope.journal.commit({ type: "backup-complete", pool, manifest: digest })
		work.manifest = manifest
		return undefined
	})
}
