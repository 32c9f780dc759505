import type { Module } from "../../schema/module.ts"
import { compareVersions } from "../../schema/version.ts"
import type { BackupManifest, Written } from "../backup/manifest.ts"
import { readManifest } from "../backup/manifest-file.ts"
import { findOriginal } from "../backup/originals.ts"
import { meaningOf } from "../disk/disk-error.ts"
import { sideBySide } from "../disk/side-by-side.ts"
import type { EngineRunRequest } from "../engine.ts"
import type { ModuleVersion } from "../journal/records.ts"
import { findPath } from "../phases/inspect.ts"
import type { PoolTask } from "../pool/pool-work.ts"
import { type EngineState, own } from "../state/state.ts"
import { changeOfContent, changeSince } from "./find-changes.ts"
import type { Base } from "./open-run.ts"
import { wantedOf } from "./revert-task.ts"

/** A file that only a newer version wrote, and what it wrote there. */
type Dropped = Written & { path: string }

/**
 * Going back to an older version: destinations that only a newer one had return to the customer's original (DESIGN §5).
 * One task for each pool that wrote such files; one that the older version lacks runs by itself (`isLeaving`), with the
 * closure that proved it then. Told from the files' own versions, so that what failed is found again the next time. A file
 * that its owner changed since stays as it is, unless forced: it is theirs again.
 */
export async function findReturns(
	base: Base,
	state: EngineState,
	module: Module,
	requested: ModuleVersion,
	request: EngineRunRequest,
): Promise<PoolTask[]> {
	const isAsked = (pool: string) => request.pools?.includes(pool) ?? true
	const isLeaving = (pool: string) => !module.pools.some(({ id }) => id === pool)
	const dropped = await findDropped(base, state, module, requested)
	const writers = dropped.map(({ pool }) => pool)
	const leaving = findNewer(state, requested).filter(isLeaving)
	const tasks: PoolTask[] = []
	for (const pool of new Set([...writers, ...leaving].filter(isAsked))) {
		const files = dropped.filter((file) => file.pool === pool)
		const applied = own(own(state.modules, requested.name)?.pools ?? {}, pool)?.appliedRun
		const task = await makeReturnTask(base, pool, files, applied, request.force)
		tasks.push(isLeaving(pool) ? { ...task, isLeaving: true } : task)
	}
	// A folder that one pool made may be emptied only by the last of them.
	const unmakes = [...new Set(tasks.flatMap((task) => task.unmakes))]
	return tasks.map((task) => ({ ...task, unmakes }))
}

async function findDropped(
	base: Base,
	state: EngineState,
	module: Module,
	requested: ModuleVersion,
): Promise<Dropped[]> {
	const newer = Object.entries(state.files).filter(
		([, file]) => file.module === requested.name && compareVersions(requested.version, file.version) < 0,
	)
	if (newer.length === 0) return []
	const operations = module.pools.flatMap((pool) => pool.operations)
	const paths = await sideBySide(operations, ({ destination }) => findPath(base.host, destination))
	// By its name too: a link that was put there since may lead to what this version writes, or to what it cannot.
	const kept = new Set([...paths, ...operations.map(({ destination }) => destination)])
	return newer.filter(([path]) => !kept.has(path)).map(([path, file]) => ({ ...file, path }))
}

/** Pools that stand applied at a newer version. */
function findNewer(state: EngineState, { name, version }: ModuleVersion): string[] {
	return Object.entries(own(state.modules, name)?.pools ?? {})
		.filter(([, found]) => found.appliedRun !== undefined && compareVersions(version, found.version) < 0)
		.map(([pool]) => pool)
}

/** A pool with what it no longer writes: both succeed or fail as a unit. */
export function withReturns(task: PoolTask, returns: PoolTask[]): PoolTask {
	const found = returns.find(({ pool, isLeaving }) => pool === task.pool && !isLeaving)
	if (!found) return task
	return {
		...task,
		changes: [...task.changes, ...found.changes],
		unmakes: [...task.unmakes, ...found.unmakes],
		faults: [...task.faults, ...found.faults],
		releases: [...(task.releases ?? []), ...(found.releases ?? [])],
		warnings: [...(task.warnings ?? []), ...(found.warnings ?? [])],
	}
}

async function makeReturnTask(
	base: Base,
	pool: string,
	files: Dropped[],
	appliedRun: string | undefined,
	force: boolean,
): Promise<PoolTask> {
	const runs = new Set([...files.map(({ run }) => run), ...(appliedRun === undefined ? [] : [appliedRun])])
	const manifests = new Map<string, BackupManifest>()
	const faults: string[] = []
	for (const run of runs) {
		const read = await readManifest(base.host, base.layout, pool, run)
		if ("manifest" in read) manifests.set(run, read.manifest)
		else faults.push(read.fault)
	}
	const proof = (appliedRun === undefined ? undefined : manifests.get(appliedRun)) ?? [...manifests.values()].at(-1)
	const task: PoolTask = {
		pool,
		changes: [],
		unmakes: [...new Set([...manifests.values()].flatMap(({ makes }) => makes))],
		checks: [],
		closure: proof?.closure ?? [],
		timeoutSeconds: proof?.timeoutSeconds ?? 0,
		redact: proof?.redact ?? [],
		// An older backup may have been pruned; without any nobody knows what proves the pool.
		faults: proof ? [] : faults,
		releases: [],
		warnings: [],
	}
	for (const file of files) await addReturn(base, task, file, manifests.get(file.run), force)
	return task
}

async function addReturn(
	base: Base,
	task: PoolTask,
	{ path, digest }: Dropped,
	manifest: BackupManifest | undefined,
	force: boolean,
): Promise<void> {
	const entry = manifest?.entries.find((candidate) => candidate.path === path)
	let change: string | undefined
	try {
		change = await (entry ? changeSince(base.host, entry, [entry.after]) : changeOfContent(base.host, path, digest))
	} catch (error) {
		// Nobody knows whose it is by now: neither taken nor given up.
		task.faults.push(meaningOf(error))
		return
	}
	if (change !== undefined && !force) {
		task.releases?.push(path)
		task.warnings?.push(`${change} since it was applied: it stays as it is, --force returns it to the original`)
		return
	}
	const found = await findOriginal(base.host, base.layout, path)
	if ("fault" in found) task.faults.push(found.fault)
	else {
		const wanted = wantedOf(base, found.original.snapshot)
		task.changes.push({ destination: path, stoodAt: path, wanted, isReturn: true })
		task.unmakes.push(...(found.original.makes ?? []))
	}
}
