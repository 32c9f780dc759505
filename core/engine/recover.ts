import { FailureError } from "../schema/failure.ts"
import type { FinalClosure, PoolOutcome } from "../schema/outcome.ts"
import type { EngineOptions, RecoverContext } from "./engine.ts"
import type { Host } from "./host.ts"
import { makeLayout } from "./layout.ts"
import { findHotRuns } from "./run/find-hot-runs.ts"
import type { LockedBase, RunCaller } from "./run/open-run.ts"
import { recoverRun } from "./run/recover-run.ts"
import { underLock } from "./run/under-lock.ts"
import { checkStateFolder } from "./state/state-folder.ts"

export interface RecoveredRun {
	run: string
	outcome: PoolOutcome
	/** Only where it failed: it was due, and was cut short. */
	finalClosure?: FinalClosure
}

/**
 * Ends every run whose runner died: its open pool is put back, its record completed. May be cut short at any moment and
 * repeated. Fails with `busy` while another run holds the lock.
 */
export async function recoverRuns(
	host: Host,
	options: EngineOptions,
	context: RecoverContext = {},
): Promise<RecoveredRun[]> {
	const layout = makeLayout(options.stateFolder)
	// Nothing was ever run here, or its disk is not mounted yet: nothing is made, and recovery at boot stays as it is.
	if (!(await checkStateFolder(host, layout)) || !(await host.disk.lstat(layout.runs))) return []
	const { by } = context
	const who = by === undefined ? { run: "recover" } : { run: "recover", by }
	const done = await underLock(host, options, who, async (base) => {
		const { recovered, ends } = await recoverHotRuns(base, context)
		return { result: recovered, afterwards: () => endAll(ends) }
	})
	if (done.state === "done") return done.result
	const { run, since } = done
	throw new FailureError("busy", { run, since, ...(done.by === undefined ? {} : { by: done.by }) })
}

/** Under the lock: every hot run, oldest first. The ends are told when the lock is free again. */
export async function recoverHotRuns(
	base: LockedBase,
	caller: RunCaller,
): Promise<{ recovered: RecoveredRun[]; ends: (() => Promise<void>)[] }> {
	const recovered: RecoveredRun[] = []
	const ends: (() => Promise<void>)[] = []
	for (const run of await findHotRuns(base)) {
		const { outcome, finalClosure, end } = await recoverRun(base, run, caller)
		recovered.push({ run, outcome, ...(finalClosure.outcome === "failed" ? { finalClosure } : {}) })
		ends.push(end)
	}
	return { recovered, ends }
}

export async function endAll(ends: (() => Promise<void>)[]): Promise<void> {
	for (const end of ends) await end()
}
