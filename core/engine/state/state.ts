import { z } from "zod"
import { digestSchema } from "../../schema/manifest.ts"
import { type BackupManifest, poolStateSchema, writtenSchema } from "../backup/manifest.ts"
import type { JournalRecord, ModuleVersion, PoolClosed, RunOpen } from "../journal/records.ts"

/** What stands on this appliance. Derived: runs' journals and backups' manifests make it again. */
export const engineStateSchema = z.object({
	format: z.literal(1),
	modules: z.record(
		z.string(),
		z.object({ version: z.string(), digest: digestSchema, pools: z.record(z.string(), poolStateSchema) }),
	),
	/** What we last wrote, by path without links. */
	files: z.record(z.string(), writtenSchema),
	/** Of the last run, see `run-open`. */
	turn: z.number().int().positive().optional(),
})
export type EngineState = z.infer<typeof engineStateSchema>

export function emptyState(): EngineState {
	return { format: 1, modules: {}, files: {} }
}

/**
 * For the run that begins now. An older runner writes the state without it, but takes a lock as every run does; the lock's
 * number in turn may be lost in a power cut.
 */
export function nextTurn({ turn = 0 }: EngineState, lockNumber: number): number {
	return Math.max(turn + 1, lockNumber)
}

/** Whether a pool stands applied at exactly this version of its module. */
export function isApplied(state: EngineState, module: ModuleVersion, pool: string): boolean {
	const found = own(own(state.modules, module.name)?.pools ?? {}, pool)
	return found?.outcome === "applied" && found.version === module.version && found.digest === module.digest
}

/** The state after a run, from its journal; adding the same run again changes nothing. */
export function addRun(
	state: EngineState,
	records: readonly JournalRecord[],
	manifestOf: (pool: string) => BackupManifest | undefined,
): EngineState {
	const open = records[0]
	if (open?.type !== "run-open") return state
	const closed = records.filter((record) => record.type === "pool-closed")
	const turn = Math.max(state.turn ?? 0, open.turn ?? 0)
	const begun = turn > 0 ? { ...state, turn } : state
	return closed.reduce((before, record) => addPool(before, open, record, manifestOf(record.pool)), begun)
}

function addPool(state: EngineState, open: RunOpen, closed: PoolClosed, manifest?: BackupManifest): EngineState {
	const { name, version, digest } = open.module
	const module = own(state.modules, name) ?? { version, digest, pools: {} }
	const { pool, outcome, at } = closed
	const before = own(module.pools, pool)
	const isKept = open.kind !== "apply" && outcome !== "degraded"
	const { [pool]: _, ...others } = module.pools
	const appliedRun = outcome === "applied" ? open.run : before?.appliedRun
	const entry = { outcome, run: open.run, at, version, digest, ...(appliedRun ? { appliedRun } : {}) }
	const installed = open.kind === "apply" ? { version, digest } : {}
	const isGone = open.kind === "revert" || (open.kind === "apply" && manifest?.isLeaving)
	if (isGone && outcome === "applied") {
		const pools = manifest?.stands ? { ...others, [pool]: manifest.stands } : others
		return withModule(addFiles(state, open, manifest), name, { ...module, ...installed, pools })
	}
	if (isKept) return state
	const files = open.kind === "apply" && outcome === "applied" ? addFiles(state, open, manifest) : state
	return withModule(files, name, { ...module, ...installed, pools: { ...module.pools, [pool]: entry } })
}

/** A module or pool may well be called "constructor". */
export function own<T>(record: Record<string, T>, key: string): T | undefined {
	return Object.hasOwn(record, key) ? record[key] : undefined
}

function withModule(state: EngineState, name: string, module: EngineState["modules"][string]): EngineState {
	return { ...state, modules: { ...state.modules, [name]: module } }
}

function addFiles(state: EngineState, open: RunOpen, manifest?: BackupManifest): EngineState {
	const files = { ...state.files }
	for (const path of manifest?.releases ?? []) delete files[path]
	for (const { path, after, isReturn, written } of manifest?.entries ?? []) {
		const { name: module, version } = open.module
		if (written) files[path] = written
		else if (after.kind === "absent" || isReturn) delete files[path]
		else files[path] = { digest: after.digest, module, pool: manifest?.pool ?? "", run: open.run, version }
	}
	return { ...state, files }
}
