import type { Module } from "../../schema/module.ts"
import { compareVersions } from "../../schema/version.ts"
import type { BackupManifest } from "../backup/manifest.ts"
import { readManifest } from "../backup/manifest-file.ts"
import { readOriginal } from "../backup/originals.ts"
import type { Change } from "../change.ts"
import { sideBySide } from "../disk/side-by-side.ts"
import type { EngineRunRequest } from "../engine.ts"
import type { ModuleVersion } from "../journal/records.ts"
import { findPath } from "../phases/inspect.ts"
import type { PoolTask } from "../pool/pool-work.ts"
import type { EngineState } from "../state/state.ts"
import type { Base } from "./open-run.ts"
import { wantedOf } from "./revert-task.ts"

/**
 * Going back to an older version: destinations that only a newer one had return to the customer's original (DESIGN §5).
 * One task for each pool that wrote such files; one whose pool the older version lacks runs by itself (`isLeaving`), with
 * the closure that proved it then. Told from the files' own versions, so that what failed is found again the next time.
 */
export async function findReturns(
	base: Base,
	state: EngineState,
	module: Module,
	requested: ModuleVersion,
	request: EngineRunRequest,
): Promise<PoolTask[]> {
	const newer = Object.entries(state.files).filter(
		([, file]) => file.module === requested.name && compareVersions(requested.version, file.version) < 0,
	)
	if (newer.length === 0) return []
	const operations = module.pools.flatMap((pool) => pool.operations)
	const kept = new Set(await sideBySide(operations, ({ destination }) => findPath(base.host, destination)))
	const dropped = newer.filter(([path, { pool }]) => !kept.has(path) && (request.pools?.includes(pool) ?? true))
	const tasks: PoolTask[] = []
	for (const pool of new Set(dropped.map(([, file]) => file.pool))) {
		const files = dropped.filter(([, file]) => file.pool === pool).map(([path, { run }]) => ({ path, run }))
		tasks.push(await makeReturnTask(base, pool, files, !module.pools.some(({ id }) => id === pool)))
	}
	// A folder that one pool made may be emptied only by the last of them.
	const unmakes = [...new Set(tasks.flatMap((task) => task.unmakes))]
	return tasks.map((task) => ({ ...task, unmakes }))
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
	}
}

async function makeReturnTask(
	base: Base,
	pool: string,
	files: { path: string; run: string }[],
	isLeaving: boolean,
): Promise<PoolTask> {
	const faults: string[] = []
	const changes: Change[] = []
	const unmakes = new Set<string>()
	let proof: Pick<BackupManifest, "closure" | "timeoutSeconds" | "redact"> = { closure: [], timeoutSeconds: 0 }
	for (const run of new Set(files.map((file) => file.run))) {
		const read = await readManifest(base.host, base.layout, pool, run)
		if ("fault" in read) faults.push(read.fault)
		else {
			proof = read.manifest
			for (const folder of read.manifest.makes) unmakes.add(folder)
		}
	}
	for (const { path } of files) {
		const original = await readOriginal(base.host, base.layout, path)
		if (original) changes.push({ destination: path, wanted: wantedOf(base, original.snapshot), isReturn: true })
		else faults.push(`the customer's original of ${path} is missing`)
	}
	const { closure, timeoutSeconds, redact = [] } = proof
	return { pool, changes, unmakes: [...unmakes], isLeaving, checks: [], closure, timeoutSeconds, redact, faults }
}
