import type { Failure } from "../schema/failure.ts"
import type { EngineOptions, EngineRevertRequest, RunContext, RunResult } from "./engine.ts"
import type { Host } from "./host.ts"
import { runPool } from "./pool/run-pool.ts"
import { endAll, recoverHotRuns } from "./recover.ts"
import { findApplied } from "./run/find-applied.ts"
import { type ChangedSince, findChanges } from "./run/find-changes.ts"
import { finishRun } from "./run/finish-run.ts"
import { findNeedsRoot } from "./run/needs-root.ts"
import { beginRun, type LockedBase } from "./run/open-run.ts"
import { makeRevertTask } from "./run/revert-task.ts"
import { underLock } from "./run/under-lock.ts"
import { settleRun } from "./state/settle.ts"
import { type EngineState, nextTurn } from "./state/state.ts"
import { openRunFailure } from "./state/state-failure.ts"
import { readOwnState } from "./state/state-file.ts"

/**
 * Puts one applied pool back to what stood before it, as a run of its own: backed up, closed by the pool's closure, and
 * itself put back when that fails. Refused with `destination-changed` where somebody changed a file since, or another pool
 * wrote it.
 */
export async function revertPool(
	host: Host,
	options: EngineOptions,
	request: EngineRevertRequest,
	context: RunContext,
): Promise<RunResult> {
	const { run } = context
	const who = request.by === undefined ? { run } : { run, by: request.by }
	const done = await underLock(host, options, who, async (base) => {
		const { ends } = await recoverHotRuns(base, {})
		const { state } = await readOwnState(host, base.layout)
		const { result, end } = await revert(base, state, request, context)
		return { result, afterwards: () => endAll([...ends, ...(end ? [end] : [])]) }
	})
	return done.state === "done" ? done.result : done
}

async function revert(
	base: LockedBase,
	state: EngineState,
	request: EngineRevertRequest,
	context: RunContext,
): Promise<{ result: RunResult; end?: () => Promise<void> }> {
	const applied = await findApplied(base, state, request)
	if ("failure" in applied) return { result: { state: "refused", failure: applied.failure } }
	const { manifest, isDegraded } = applied
	const { pool, module } = manifest
	const changed = request.force ? [] : await findChanges(base, state, manifest, isDegraded)
	if (changed.length > 0) return { result: { state: "refused", failure: changedFailure(pool, changed) } }
	const task = await makeRevertTask(base, manifest, request.original)
	const needsRoot = await findNeedsRoot(base, [task])
	if (needsRoot) return { result: { state: "refused", failure: needsRoot } }
	const by = request.by === undefined ? {} : { by: request.by }
	const kind = "revert" as const
	const about = { module: `put back what stood before run ${manifest.run}`, pools: {} }
	const open = { turn: nextTurn(state, base.lockNumber), run: context.run, kind, module, pools: [pool], about, ...by }
	const scope = await beginRun(base, open, context)
	try {
		const outcome = await runPool(scope, task)
		await settleRun(base.host, base.layout, state, scope.journal.records)
		const finalClosure = { outcome: "not-run", why: "a revert is proved by its pool's closure" } as const
		scope.emit({ type: "final-closure", ...finalClosure })
		await finishRun(scope, { outcome, finalClosure })
		return { result: { state: "finished", run: context.run, outcome, finalClosure }, end: scope.end }
	} catch (error) {
		await scope.end()
		throw openRunFailure(error)
	}
}

function changedFailure(pool: string, changed: ChangedSince[]): Failure {
	const paths = changed.map(({ destination }) => destination)
	const changes = changed.map(({ change }) => change)
	return { code: "destination-changed", data: { pool, paths, changes } }
}
