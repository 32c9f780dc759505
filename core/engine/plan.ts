import { FailureError } from "../schema/failure.ts"
import { normalTarget } from "../schema/manifest.ts"
import type { Pool } from "../schema/module.ts"
import { readLintedIndex } from "../schema/module-index.ts"
import type { Plan, PlannedPool } from "../schema/plan.ts"
import { sentenceOf } from "../schema/sentences.ts"
import type { Destination } from "./change.ts"
import { sideBySide } from "./disk/side-by-side.ts"
import type { EngineOptions, EngineRunRequest, ModuleOnHost } from "./engine.ts"
import type { Host } from "./host.ts"
import type { ModuleVersion } from "./journal/records.ts"
import { makeLayout } from "./layout.ts"
import { exposedWarnings } from "./phases/exposed-folders.ts"
import { sameFileFaults } from "./phases/inspect.ts"
import { findSpace, type Space, spaceFaults } from "./phases/space.ts"
import { planOperation } from "./plan/plan-operation.ts"
import type { PoolTask } from "./pool/pool-work.ts"
import { decidePool, parseModule, refusalOf } from "./run/decide.ts"
import { findReturns } from "./run/going-back.ts"
import { makePoolTask } from "./run/pool-task.ts"
import { type EngineState, emptyState, own } from "./state/state.ts"
import { readState } from "./state/state-file.ts"
import { checkStateFolder } from "./state/state-folder.ts"

/**
 * What a run would do. Writes nothing. Contents may be missing: those operations have no diff then. Fails with
 * `module-faulty` for a module that nobody may run.
 */
export async function planModule(
	host: Host,
	options: EngineOptions,
	onHost: ModuleOnHost,
	request: EngineRunRequest,
): Promise<Plan> {
	const { manifest } = onHost
	const parsed = parseModule(host, options, manifest)
	if ("failure" in parsed) throw failureError(parsed.failure)
	const { module } = parsed
	const layout = makeLayout(options.stateFolder)
	const state = (await checkStateFolder(host, layout)) ? (await readState(host, layout)).state : emptyState()
	const version = { name: manifest.name, version: module.metadata.schema_version, digest: manifest.digest }
	const failure = refusalOf(state, module, version, request)
	const refusal = failure && sentenceOf(failure)
	const planned: { pool: PlannedPool; destinations: Destination[] }[] = []
	for (const pool of module.pools) {
		planned.push(await planPool({ host, options, onHost, request, state, version }, pool))
	}
	const returns = await findReturns({ host, options, layout }, state, module, version, request)
	for (const task of returns) addReturns(planned, task)
	const running = planned.filter(({ pool }) => pool.would === "apply" || pool.would === "fail-preflight")
	const spaces = await findSpace(
		host,
		layout,
		running.flatMap(({ destinations }) => destinations),
	)
	const installed = own(state.modules, manifest.name)
	return {
		module: version,
		...(installed ? { installedVersion: installed.version } : {}),
		pools: planned.map(({ pool }) => pool),
		finalClosure: module.finalClosure,
		space: tightest(spaces),
		findings: readLintedIndex(manifest.index, { stateFolder: options.stateFolder }).findings,
		...(refusal ? { refusal: `${refusal.what} ${refusal.next}` } : {}),
	}
}

interface PlanScope {
	host: Host
	options: EngineOptions
	onHost: ModuleOnHost
	request: EngineRunRequest
	state: EngineState
	version: ModuleVersion
}

async function planPool(scope: PlanScope, pool: Pool): Promise<{ pool: PlannedPool; destinations: Destination[] }> {
	const { host, options, onHost, request, state, version } = scope
	const task = await makePoolTask(host, onHost, pool, request.timeoutSeconds)
	const targets = new Map(pool.operations.map(({ destination, target }) => [destination, normalTarget(target)]))
	const changes = await sideBySide(task.changes, (change) =>
		planOperation(host, options.stateFolder, state, targets.get(change.destination) ?? "", change),
	)
	const destinations = changes.map(({ destination }) => destination)
	const faults = [
		...task.faults,
		...sameFileFaults(destinations),
		...spaceFaults(await findSpace(host, makeLayout(options.stateFolder), destinations)),
	]
	const isBlocked = faults.length > 0 || changes.some(({ planned }) => planned.faults.length > 0)
	const decision = decidePool(state, pool, version, request)
	const { checks, closure, timeoutSeconds, confirmSeconds } = task
	const planned: PlannedPool = {
		pool: pool.id,
		description: pool.description,
		would: decision === "run" ? (isBlocked ? "fail-preflight" : "apply") : decision === "skipped" ? "skip" : decision,
		operations: changes.map(({ planned }) => planned),
		checks,
		closure,
		timeoutSeconds,
		...(confirmSeconds === undefined ? {} : { confirmSeconds }),
		warnings: [...faults, ...(await exposedWarnings(host, destinations))],
	}
	return { pool: planned, destinations }
}

/** Going back is said in words: an operation of the module it is not. */
function addReturns(planned: { pool: PlannedPool; destinations: Destination[] }[], task: PoolTask): void {
	const warnings = task.changes.map(({ destination }) => `${destination} returns to the customer's original`)
	const { pool, closure, timeoutSeconds, faults } = task
	const found = planned.find(({ pool: { pool: id } }) => id === pool)
	if (found) found.pool.warnings.push(...warnings, ...faults)
	if (found || !task.isLeaving) return
	const description = "a pool of a newer version"
	const would = faults.length > 0 ? "fail-preflight" : "apply"
	const leaving = { pool, description, would, operations: [], checks: [], closure, timeoutSeconds } as const
	planned.push({
		pool: { ...leaving, operations: [], checks: [], warnings: [...warnings, ...faults] },
		destinations: [],
	})
}

/** The file system where it gets tight first. */
function tightest(spaces: Space[]): { neededBytes: number; freeBytes: number } {
	const [space] = [...spaces].sort((a, b) => a.freeBytes - a.neededBytes - (b.freeBytes - b.neededBytes))
	return { neededBytes: space?.neededBytes ?? 0, freeBytes: space?.freeBytes ?? 0 }
}

function failureError({ code, data, findings }: FailureError["failure"]): FailureError {
	return new FailureError(code, data, findings ? { findings } : {})
}
