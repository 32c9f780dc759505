import type { Failure } from "../../schema/failure.ts"
import { poolIdPattern } from "../../schema/module.ts"
import type { BackupManifest } from "../backup/manifest.ts"
import { readManifest } from "../backup/manifest-file.ts"
import { readPoolEnd } from "../backup/pool-end.ts"
import type { EngineRevertRequest } from "../engine.ts"
import { runIdPattern } from "../layout.ts"
import type { EngineState } from "../state/state.ts"
import type { Base } from "./open-run.ts"

export type Applied = { manifest: BackupManifest; isDegraded: boolean } | { failure: Failure }

/** The backup of the run that a revert goes back from: the named one, else the one whose files stand. */
export async function findApplied(base: Base, state: EngineState, request: EngineRevertRequest): Promise<Applied> {
	const { pool, run } = request
	// They name folders of the state folder.
	if (!poolIdPattern.test(pool)) return { failure: { code: "unknown-pool", data: { pool: pool.slice(0, 100) } } }
	if (run === undefined) return findStanding(base, state, pool)
	return runIdPattern.test(run) ? findNamed(base, pool, run) : unknownRun(run.slice(0, 100))
}

async function findStanding({ host, layout }: Base, state: EngineState, pool: string): Promise<Applied> {
	const known = Object.entries(state.modules).flatMap(([module, { pools }]) =>
		Object.entries(pools).map(([id, found]) => ({ ...found, module, id })),
	)
	const named = known.filter(({ id }) => id === pool)
	if (named.length === 0) {
		const ids = [...new Set(known.map(({ id }) => id))]
		return { failure: { code: "unknown-pool", data: { pool, ...(ids.length > 0 ? { known: ids } : {}) } } }
	}
	const [standing, other] = named.filter(({ appliedRun }) => appliedRun !== undefined)
	if (other) {
		const which = named.map(({ module, appliedRun, run }) => `${module} (run ${appliedRun ?? run})`).join(" and ")
		return badRequest(`pool ${pool} stands applied by ${which}: name the run that shall be reverted`)
	}
	const degraded = named.find(({ outcome }) => outcome === "degraded")
	if (degraded)
		return badRequest(`pool ${pool} is degraded, not applied: name the run (${degraded.run}) to go back from`)
	if (standing?.appliedRun === undefined) return badRequest(`pool ${pool} is not applied: there is nothing to revert`)
	const read = await readManifest(host, layout, pool, standing.appliedRun)
	if ("manifest" in read) return { manifest: read.manifest, isDegraded: false }
	const path = layout.backup(pool, standing.appliedRun)
	return { failure: { code: "state-damaged", data: { path, reason: read.fault } } }
}

/** Any run that left files of the pool: it was applied there, or could not be put back. */
async function findNamed({ host, layout }: Base, pool: string, run: string): Promise<Applied> {
	const end = await readPoolEnd(host, layout, pool, run)
	const isKept = (await host.disk.lstat(layout.backup(pool, run))) !== undefined
	if (!end || !isKept) return unknownRun(run)
	const isDegraded = end.outcome === "degraded"
	if (!isDegraded && (end.kind !== "apply" || end.outcome !== "applied"))
		return badRequest(`pool ${pool} was put back in run ${run} already: there is nothing to revert`)
	const read = await readManifest(host, layout, pool, run)
	if ("manifest" in read) return { manifest: read.manifest, isDegraded }
	return { failure: { code: "state-damaged", data: { path: layout.backup(pool, run), reason: read.fault } } }
}

function unknownRun(run: string): Applied {
	return { failure: { code: "unknown-run", data: { run } } }
}

function badRequest(reason: string): Applied {
	return { failure: { code: "bad-request", data: { reason } } }
}
