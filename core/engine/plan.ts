import { FailureError } from "../schema/failure.ts"
import type { Finding } from "../schema/finding.ts"
import { normalTarget } from "../schema/manifest.ts"
import type { Module } from "../schema/module.ts"
import { readLintedIndex } from "../schema/module-index.ts"
import type { Plan } from "../schema/plan.ts"
import { sentenceOf } from "../schema/sentences.ts"
import type { EngineOptions, EngineRunRequest, ModuleOnHost } from "./engine.ts"
import type { Host } from "./host.ts"
import type { ModuleVersion } from "./journal/records.ts"
import { makeLayout } from "./layout.ts"
import { findSpace, type Space } from "./phases/space.ts"
import { maskPlan } from "./plan/mask-plan.ts"
import { adviseOnNeeds } from "./plan/missing-needs.ts"
import type { PlanView } from "./plan/plan-operation.ts"
import { type PoolPlan, planPool } from "./plan/plan-pool.ts"
import { readPathPolicy } from "./policy/path-policy.ts"
import type { PoolTask } from "./pool/pool-work.ts"
import { decidePool, parseModule, refusalOf } from "./run/decide.ts"
import { findReturns, withReturns } from "./run/going-back.ts"
import { needsRoot } from "./run/needs-root.ts"
import { makePoolTask } from "./run/pool-task.ts"
import { type EngineState, emptyState, own } from "./state/state.ts"
import { readState } from "./state/state-file.ts"
import { checkStateFolder } from "./state/state-folder.ts"
import { readStatus } from "./status.ts"

/** Of all texts that a plan hands out together (`before`). */
const MAX_TEXT_BYTES = 4 << 20

export interface PlanWishes {
	/** Where the new content is not here, the old text, so that the asker can make the difference. */
	texts?: boolean
}

/**
 * What a run would do. Writes nothing, makes no state folder, runs none of the module's commands, and opens no file for
 * writing. Contents may be missing: those operations have no diff then. Fails with `module-faulty` for a module that
 * nobody may run.
 */
export async function planModule(
	host: Host,
	options: EngineOptions,
	onHost: ModuleOnHost,
	request: EngineRunRequest,
	wishes: PlanWishes = {},
): Promise<Plan> {
	const { manifest } = onHost
	const parsed = parseModule(host, options, manifest)
	if ("failure" in parsed) throw failureError(parsed.failure)
	const { module } = parsed
	const layout = makeLayout(options.stateFolder)
	const state = (await checkStateFolder(host, layout)) ? (await readState(host, layout)).state : emptyState()
	const version = { name: manifest.name, version: module.metadata.schema_version, digest: manifest.digest }
	const returns = await findReturns({ host, options, layout }, state, module, version, request)
	const scope = { host, options, onHost, request, state, version, module, returns }
	const planned = await planPools(scope, wishes)
	return maskPlan(
		await makePlan(scope, planned),
		host,
		planned.map(({ pool: { pool }, redact }) => ({ pool, redact })),
	)
}

interface PlanScope {
	host: Host
	options: EngineOptions
	onHost: ModuleOnHost
	module: Module
	request: EngineRunRequest
	state: EngineState
	version: ModuleVersion
	returns: PoolTask[]
}

async function makePlan(scope: PlanScope, planned: PoolPlan[]): Promise<Plan> {
	const { host, options, module, request, state, version } = scope
	const active = planned.filter(({ pool }) => pool.would === "apply" || pool.would === "fail-preflight")
	const distrust = await host.trust(version, scope.onHost.manifest.signatures)
	const failure =
		distrust ?? refusalOf(state, module, version, request) ?? needsRoot(active.flatMap(({ needs }) => needs))
	const refusal = failure && sentenceOf(failure)
	const destinations = active.flatMap((pool) => pool.destinations)
	const spaces = await findSpace(host, makeLayout(options.stateFolder), destinations, request.modify)
	const { running, interrupted } = await readStatus(host, options)
	const installed = own(state.modules, version.name)
	return {
		module: version,
		...(installed ? { installedVersion: installed.version } : {}),
		...(running ? { running } : {}),
		interrupted,
		pools: planned.map(({ pool }) => pool),
		finalClosure: module.finalClosure,
		space: tightest(spaces),
		spaces: spaces.map(({ freeFiles, ...space }) => (freeFiles === undefined ? space : { ...space, freeFiles })),
		findings: await findFindings(scope, new Set(active.map(({ pool }) => pool.pool))),
		...(refusal ? { refusal: `${refusal.what} ${refusal.next}` } : {}),
	}
}

/** The module's own findings, with what this appliance lacks for the pools that would run. */
async function findFindings({ host, options, onHost, module }: PlanScope, active: Set<string>): Promise<Finding[]> {
	const pools = module.pools.filter(({ id }) => active.has(id))
	const advice = await adviseOnNeeds(host, module, pools)
	return readLintedIndex(onHost.manifest.index, { stateFolder: options.stateFolder }, advice).findings
}

/** The pools in the order of a run: the module's, with what they return; then those that it has no more. */
async function planPools(scope: PlanScope, wishes: PlanWishes): Promise<PoolPlan[]> {
	const { host, onHost, module, request, state, version, returns } = scope
	const { stateFolder } = scope.options
	const foresight = request.kind === "rehearse" ? undefined : { files: new Map(), folders: new Set<string>() }
	const view: PlanView = {
		host,
		stateFolder,
		state,
		policy: await readPathPolicy(host),
		foresight,
		modify: request.modify,
		textsLeft: wishes.texts ? MAX_TEXT_BYTES : 0,
		soundFolders: new Set(),
	}
	const planned: PoolPlan[] = []
	for (const pool of module.pools) {
		const decision = decidePool(state, pool, version, request)
		const task = await makePoolTask(host, onHost, pool, request.timeoutSeconds)
		const targets = new Map(pool.operations.map(({ destination, target }) => [destination, normalTarget(target)]))
		const { description } = pool
		const whole = decision === "run" ? withReturns(task, returns) : task
		planned.push(await planPool(view, whole, { description, decision, targets }))
	}
	const leaving = { description: "a pool of a newer version", decision: "run", targets: new Map() } as const
	for (const task of returns.filter(({ isLeaving }) => isLeaving)) planned.push(await planPool(view, task, leaving))
	return planned
}

/** The file system where it gets tight first. */
function tightest(spaces: Space[]): { neededBytes: number; freeBytes: number } {
	const [space] = [...spaces].sort((a, b) => a.freeBytes - a.neededBytes - (b.freeBytes - b.neededBytes))
	return { neededBytes: space?.neededBytes ?? 0, freeBytes: space?.freeBytes ?? 0 }
}

function failureError({ code, data, findings }: FailureError["failure"]): FailureError {
	return new FailureError(code, data, findings ? { findings } : {})
}
