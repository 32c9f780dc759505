import type { FileAction } from "../../schema/event.ts"
import type { BackupManifest } from "../backup/manifest.ts"
import { inPhase } from "../pool/in-phase.ts"
import { faultsReason } from "../pool/reason.ts"
import type { RunScope } from "../run/run-scope.ts"
import { readLeft } from "./leave-theirs.ts"
import { runList } from "./run-list.ts"

/**
 * Phase 7: everything exactly as before, verified against the backup, but what somebody else changed before the pool came
 * to it. What is not comes back as sentences.
 */
export async function restore(scope: RunScope, manifest: BackupManifest): Promise<string[]> {
	const { pool } = manifest
	const reason = await inPhase(scope, pool, "restore", async () => {
		const tell = (destination: string, action: FileAction) =>
			scope.emit({ type: "file", pool, phase: "restore", destination, action })
		const left = readLeft(scope.journal.records, pool)
		const faults = await scope.stateManager.restore(manifest, left, tell)
		const differences = await scope.stateManager.verify(manifest, left)
		return faultsReason("restore", [...faults, ...differences])
	})
	return reason ? [reason.message, ...(reason.details ?? [])] : []
}

/** The closure once more, on the restored files: services must run on what is there now. */
export async function reclosure(scope: RunScope, manifest: BackupManifest): Promise<string[]> {
	const { pool, closure: commands, timeoutSeconds, redact = [] } = manifest
	const list = { pool, phase: "reclosure", commands, timeoutSeconds, redact, ignoresCancel: true } as const
	const reason = await inPhase(scope, pool, "reclosure", async () => {
		await scope.host.forgetFailedStarts?.()
		return runList(scope, list)
	})
	return reason ? [`the closure failed again after the restore: ${reason.command ?? ""}: ${reason.message}`] : []
}
