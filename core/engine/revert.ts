import type { FailureError } from "../schema/failure.ts"
import { poolIdPattern } from "../schema/module.ts"
import type { BackupManifest } from "./backup/manifest.ts"
import { readManifest } from "./backup/manifest-file.ts"
import type { EngineOptions, EngineRevertRequest, RunContext, RunResult } from "./engine.ts"
import type { Host } from "./host.ts"
import { runIdPattern } from "./layout.ts"
import { runPool } from "./pool/run-pool.ts"
import { endAll, recoverHotRuns } from "./recover.ts"
import { finishRun } from "./run/finish-run.ts"
import { type Base, beginRun, type LockedBase } from "./run/open-run.ts"
import { findChanged, makeRevertTask } from "./run/revert-task.ts"
import { underLock } from "./run/under-lock.ts"
import { settleRun } from "./state/settle.ts"
import type { EngineState } from "./state/state.ts"
import { readOwnState } from "./state/state-file.ts"

/**
 * Puts one applied pool back to what stood before it, as a run of its own: backed up, closed by the pool's closure, and
 * itself put back when that fails. Refused with `destination-changed` where somebody changed a file since.
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
	const { manifest } = applied
	const { pool, module } = manifest
	const changed = request.force ? [] : await findChanged(base.host, state, manifest)
	if (changed.length > 0) {
		return { result: { state: "refused", failure: { code: "destination-changed", data: { pool, paths: changed } } } }
	}
	const by = request.by === undefined ? {} : { by: request.by }
	const scope = await beginRun(base, { run: context.run, kind: "revert", module, pools: [pool], ...by }, context)
	try {
		const outcome = await runPool(scope, await makeRevertTask(base, manifest, request.original))
		await settleRun(base.host, base.layout, state, scope.journal.records)
		const finalClosure = { outcome: "not-run", why: "a revert is proved by its pool's closure" } as const
		scope.emit({ type: "final-closure", ...finalClosure })
		await finishRun(scope, { outcome, finalClosure })
		return { result: { state: "finished", run: context.run, outcome, finalClosure }, end: scope.end }
	} catch (error) {
		await scope.end()
		throw error
	}
}

type Found = { manifest: BackupManifest } | { failure: FailureError["failure"] }

/** The backup of the run that applied the pool: the named one, else the one that stands. */
async function findApplied(
	{ host, layout }: Base,
	state: EngineState,
	{ pool, run }: EngineRevertRequest,
): Promise<Found> {
	// They name folders of the state folder.
	if (!poolIdPattern.test(pool)) return { failure: { code: "unknown-pool", data: { pool: pool.slice(0, 100) } } }
	if (run !== undefined && !runIdPattern.test(run))
		return { failure: { code: "unknown-run", data: { run: run.slice(0, 100) } } }
	const standing = Object.values(state.modules)
		.flatMap((module) => Object.entries(module.pools))
		.filter(([name, { appliedRun }]) => name === pool && appliedRun !== undefined)
		.map(([, found]) => found)
		.sort((a, b) => (a.at < b.at ? 1 : -1))
	const appliedRun = run ?? standing[0]?.appliedRun
	if (appliedRun === undefined) {
		const known = Object.values(state.modules).flatMap((module) => Object.keys(module.pools))
		return { failure: { code: "unknown-pool", data: { pool, known } } }
	}
	const read = await readManifest(host, layout, pool, appliedRun)
	if ("manifest" in read && read.manifest.kind === "apply") return read
	if ("manifest" in read) return { failure: { code: "unknown-run", data: { run: appliedRun } } }
	if (run !== undefined && !standing.some((found) => found.appliedRun === run)) {
		return { failure: { code: "unknown-run", data: { run } } }
	}
	return { failure: { code: "state-damaged", data: { path: layout.backup(pool, appliedRun), reason: read.fault } } }
}
