import type { BackupManifest } from "../backup/manifest.ts"
import { CommitFailed } from "../journal/journal.ts"
import type { JournalRecord } from "../journal/records.ts"
import type { RunScope } from "../run/run-scope.ts"
import { createOnlooker } from "./changed-meanwhile.ts"

/**
 * Between `apply` and its way back: what somebody else changed before the pool came to it is theirs. Into the journal, for
 * this way back and for every recovery of it. Where that cannot be written all of it goes back to the backup, here as in a
 * recovery, and a warning says so.
 */
export async function leaveTheirs(
	scope: RunScope,
	manifest: BackupManifest,
	begun: ReadonlySet<string>,
): Promise<void> {
	const { pool } = manifest
	const left = await createOnlooker(scope.host, manifest, begun).findLeft()
	if (left.length === 0) return
	try {
		await scope.journal.commit({ type: "phase", pool, phase: "restore", left })
	} catch (error) {
		if (!(error instanceof CommitFailed)) throw error
		const message = `${left.join(", ")}: changed by somebody else meanwhile, goes back to the backup: ${error.message}`
		scope.emit({ type: "warning", pool, phase: "restore", message })
	}
}

/** Paths that the pool's way back leaves alone. */
export function readLeft(records: readonly JournalRecord[], pool: string): Set<string> {
	return new Set(
		records.flatMap((record) => (record.type === "phase" && record.pool === pool ? (record.left ?? []) : [])),
	)
}

/** For the pool's reason: a sentence for each of them. */
export function describeLeft(records: readonly JournalRecord[], pool: string): string[] {
	return [...readLeft(records, pool)].map(
		(path) => `${path} was changed by somebody else before the pool came to it: it is left as it is`,
	)
}
