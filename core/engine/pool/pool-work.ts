import type { BackupManifest, PoolState } from "../backup/manifest.ts"
import type { Change, Destination } from "../change.ts"
import type { RunScope } from "../run/run-scope.ts"

/** What a pool is to do in a run: the same for a module's pool and for a revert. */
export interface PoolTask {
	pool: string
	changes: Change[]
	/** Folders to remove when they are empty afterwards: those that an earlier version made. */
	unmakes: string[]
	/** The module has no such pool any more: its files go back to the customer's originals. */
	isLeaving?: boolean
	/** A revert: how the pool stands afterwards. */
	stands?: PoolState
	checks: string[]
	closure: string[]
	timeoutSeconds: number
	/** Entries of the module's `redact`. */
	redact: readonly string[]
	confirmSeconds?: number
	/** A rehearsal that first changes each existing destination, as its owner might have. */
	modify?: boolean
	/** What we wrote and leave to the appliance's owner now, by path without links. */
	releases?: string[]
	/** What a person should know that stops nothing. */
	warnings?: string[]
	/** Faults that are known without looking at the appliance. */
	faults: string[]
	/** Those of the faults that root would not have. */
	needs?: string[]
}

/** One pool under way; what a phase finds out is there for the next ones. */
export interface PoolWork extends PoolTask {
	scope: RunScope
	/** Since preflight. */
	destinations: Destination[]
	/** Since the backup is complete: what the pool goes back to. */
	manifest?: BackupManifest
	/** Paths that the pool has begun to change. */
	begun: Set<string>
	/** Whatever has another content from then on may have got it from them. */
	hasRunCommands?: boolean
	/** Where `manifest` is of files that the rehearsal changed itself: the true originals, which come back at last. */
	original?: BackupManifest
}
