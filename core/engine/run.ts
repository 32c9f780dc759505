import type { Failure } from "../schema/failure.ts"
import type { Module } from "../schema/module.ts"
import { type PoolOutcome, worstOutcome } from "../schema/outcome.ts"
import type { EngineOptions, EngineRunRequest, ModuleOnHost, RunContext, RunResult } from "./engine.ts"
import type { Host } from "./host.ts"
import type { ModuleVersion } from "./journal/records.ts"
import type { PoolTask } from "./pool/pool-work.ts"
import { runPool } from "./pool/run-pool.ts"
import { endAll, recoverHotRuns } from "./recover.ts"
import { aboutOf } from "./run/about.ts"
import { decidePool, parseModule, refusalOf } from "./run/decide.ts"
import { finalClosureOf, runFinalClosure } from "./run/final-closure.ts"
import { finishRun } from "./run/finish-run.ts"
import { findReturns, withReturns } from "./run/going-back.ts"
import { findNeedsRoot } from "./run/needs-root.ts"
import { beginRun, type LockedBase, type OpenRun } from "./run/open-run.ts"
import { makePoolTask } from "./run/pool-task.ts"
import { underLock } from "./run/under-lock.ts"
import { settleRun } from "./state/settle.ts"
import { type EngineState, nextTurn } from "./state/state.ts"
import { openRunFailure } from "./state/state-failure.ts"
import { readOwnState } from "./state/state-file.ts"

interface ModuleRun {
	onHost: ModuleOnHost
	module: Module
	version: ModuleVersion
	request: EngineRunRequest
	state: EngineState
	/** What goes back to the customer's originals. */
	returns: PoolTask[]
}

/**
 * Applies (or rehearses) a module: recovers what an earlier run left open, then one transaction after the other, then
 * the final closure. Never rejects for what a pool does; rejects with `FailureError` when the state folder cannot be used.
 */
export async function applyModule(
	host: Host,
	options: EngineOptions,
	onHost: ModuleOnHost,
	request: EngineRunRequest,
	context: RunContext,
): Promise<RunResult> {
	const { run } = context
	const parsed = parseModule(host, options, onHost.manifest)
	if ("failure" in parsed) return { state: "refused", failure: parsed.failure }
	const { module } = parsed
	const { name, digest, signatures } = onHost.manifest
	const version = { name, version: module.metadata.schema_version, digest }
	const distrust = await host.trust(version, signatures)
	if (distrust) return { state: "refused", failure: distrust }
	const who = request.by === undefined ? { run } : { run, by: request.by }
	const done = await underLock(host, options, who, async (base) => {
		const { ends } = await recoverHotRuns(base, {})
		const { state, keptAs } = await readOwnState(host, base.layout)
		const told = () => endAll(ends)
		const refuse = (failure: Failure) => ({ result: { state: "refused", failure } as const, afterwards: told })
		const refusal = refusalOf(state, module, version, request)
		if (refusal) return refuse(refusal)
		const returns = await findReturns(base, state, module, version, request)
		const moduleRun = { onHost, module, version, request, state, returns }
		const needsRoot = await findNeedsRoot(base, await makeTasks(base, moduleRun))
		if (needsRoot) return refuse(needsRoot)
		const { result, end } = await runModule(base, moduleRun, context, keptAs)
		return { result, afterwards: () => endAll([...ends, end]) }
	})
	return done.state === "done" ? done.result : done
}

/** All that the run would do to files. Root may do it in any case: nobody needs to know beforehand. */
async function makeTasks({ host }: LockedBase, moduleRun: ModuleRun): Promise<PoolTask[]> {
	const { onHost, module, version, request, state, returns } = moduleRun
	if (host.self.uid === 0) return []
	const chosen = module.pools.filter((pool) => decidePool(state, pool, version, request) === "run")
	const tasks = chosen.map((pool) => makePoolTask(host, onHost, pool, request.timeoutSeconds))
	const whole = (await Promise.all(tasks)).map((task) => withReturns(task, returns))
	return [...whole, ...returns.filter(({ isLeaving }) => isLeaving)]
}

async function runModule(
	base: LockedBase,
	moduleRun: ModuleRun,
	context: RunContext,
	keptAs: string | undefined,
): Promise<{ result: RunResult; end(): Promise<void> }> {
	const { module, version, request, state, returns } = moduleRun
	const by = request.by === undefined ? {} : { by: request.by }
	const kind = request.kind
	const leaving = returns.filter(({ isLeaving }) => isLeaving).map(({ pool }) => pool)
	const chosen = module.pools.filter((pool) => decidePool(state, pool, version, request) === "run").map(({ id }) => id)
	const pools = [...chosen, ...leaving]
	const due = finalClosureOf(module, kind)
	const open = {
		turn: nextTurn(state, base.lockNumber),
		run: context.run,
		kind,
		module: version,
		pools,
		about: aboutOf(base.host, module, chosen),
		...(due ? { finalClosureOf: due } : {}),
		...by,
	}
	const scope = await beginRun(base, open, context, [...module.pools.map(({ id }) => id), ...leaving])
	try {
		if (keptAs)
			scope.emit({ type: "warning", message: `the state file was damaged: made again, the old one is ${keptAs}` })
		const outcome = await runPools(scope, moduleRun)
		const settled = await settleRun(base.host, base.layout, state, scope.journal.records)
		const finalClosure = await runFinalClosure(scope, module, settled, request.timeoutSeconds)
		await finishRun(scope, { outcome, finalClosure })
		return { result: { state: "finished", run: context.run, outcome, finalClosure }, end: scope.end }
	} catch (error) {
		await scope.end()
		throw openRunFailure(error)
	}
}

/** A failed pool never stops the next one (DESIGN invariant 5). */
async function runPools(scope: OpenRun, moduleRun: ModuleRun): Promise<PoolOutcome> {
	const { onHost, module, version, request, state, returns } = moduleRun
	const modify = request.modify ? { modify: true } : {}
	const outcomes: PoolOutcome[] = []
	for (const pool of module.pools) {
		const decision = decidePool(state, pool, version, request)
		if (decision === "run") {
			const task = await makePoolTask(scope.host, onHost, pool, request.timeoutSeconds)
			outcomes.push(await runPool(scope, { ...withReturns(task, returns), ...modify }))
		} else {
			scope.emit({ type: "pool-finished", pool: pool.id, outcome: decision })
			outcomes.push(decision)
		}
	}
	for (const task of returns.filter(({ isLeaving }) => isLeaving))
		outcomes.push(await runPool(scope, { ...task, ...modify }))
	return worstOutcome(outcomes)
}
