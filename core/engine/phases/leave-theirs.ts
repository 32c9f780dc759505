import type { BackupManifest } from "../backup/manifest.ts"
import { CommitFailed } from "../journal/journal.ts"
import type { JournalRecord } from "../journal/records.ts"
import type { RunScope } from "../run/run-scope.ts"
import { findLeft } from "./changed-meanwhile.ts"

/**
 * Between `apply` and its way back: what somebody else changed before we came to it is theirs. Into the journal, for this
 * way back and for every recovery of it; and told.
 */
export async function leaveTheirs(
	scope: RunScope,
	manifest: BackupManifest,
	begun: ReadonlySet<string>,
): Promise<void> {
	const { pool } = manifest
	const left = await findLeft(scope.host, manifest, begun)
	if (left.length === 0) return
	try {
		await scope.journal.commit({ type: "phase", pool, phase: "restore", left })
	} catch (error) {
		// Not on disk: then all goes back to the backup, here as in a recovery.
		if (error instanceof CommitFailed) return
		throw error
	}
	for (const path of left) {
		const message = `${path} was changed by somebody else before it was replaced: it is left as it is`
		scope.emit({ type: "warning", pool, phase: "restore", message })
	}
}

/** Paths that the pool's way back leaves alone. */
export function readLeft(records: readonly JournalRecord[], pool: string): Set<string> {
	return new Set(
		records.flatMap((record) => (record.type === "phase" && record.pool === pool ? (record.left ?? []) : [])),
	)
}
