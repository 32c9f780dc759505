import type { Failure } from "../../schema/failure.ts"
import type { Finding } from "../../schema/finding.ts"
import type { Manifest } from "../../schema/manifest.ts"
import { digestInput } from "../../schema/manifest.ts"
import type { Module } from "../../schema/module.ts"
import { readIndex } from "../../schema/module-index.ts"
import { compareVersions } from "../../schema/version.ts"
import { digestOf } from "../disk/digest.ts"
import type { EngineOptions, EngineRunRequest } from "../engine.ts"
import type { Host } from "../host.ts"
import type { ModuleVersion } from "../journal/records.ts"
import { type EngineState, isApplied, own } from "../state/state.ts"

/** What changes a file as its owner might have must put it back. */
const CANNOT_MODIFY = "cannot change files before a run that keeps what it applies: only a rehearsal does"

/** What a run does with each pool, before anything is looked at on the appliance. */
export type PoolDecision = "run" | "unchanged" | "skipped"

/** The module as it was published: its text is the one its digest names. `module-faulty` or `upload-damaged` else. */
export function parseModule(
	host: Host,
	options: EngineOptions,
	manifest: Manifest,
): { module: Module; findings: Finding[] } | { failure: Failure } {
	const path = `${manifest.name}/index.json`
	if (digestOf(host, digestInput(manifest.index, manifest.sources)) !== manifest.digest)
		return { failure: { code: "upload-damaged", data: { path } } }
	const { module, findings } = readIndex(manifest.index, { stateFolder: options.stateFolder })
	if (module) return { module, findings }
	const faults = findings.filter(({ severity }) => severity === "fault").length
	return { failure: { code: "module-faulty", data: { path, faults }, findings } }
}

/** Why a run as a whole is refused; undefined when it may begin (DESIGN §5). */
export function refusalOf(
	state: EngineState,
	module: Module,
	requested: ModuleVersion,
	request: EngineRunRequest,
): Failure | undefined {
	const { name, version, digest } = requested
	if (request.modify && request.kind !== "rehearse") return { code: "bad-request", data: { reason: CANNOT_MODIFY } }
	if (!module.metadata.enabled) return { code: "module-disabled", data: { module: name } }
	const known = module.pools.map(({ id }) => id)
	const unknown = (request.pools ?? []).filter((pool) => !known.includes(pool))
	if (unknown.length > 0) return { code: "unknown-pool", data: { pool: unknown, known } }
	const installed = own(state.modules, name)
	if (!installed) return undefined
	const order = compareVersions(version, installed.version)
	if (order < 0 && !request.allowDowngrade) {
		return { code: "refused-downgrade", data: { module: name, installed: installed.version, requested: version } }
	}
	if (order === 0 && digest !== installed.digest)
		return { code: "refused-same-version", data: { module: name, version } }
	return undefined
}

/** A disabled pool or one that was not asked for is skipped; one that stands applied is left alone, unless forced. */
export function decidePool(
	state: EngineState,
	pool: Module["pools"][number],
	version: ModuleVersion,
	request: EngineRunRequest,
): PoolDecision {
	if (!pool.enabled || (request.pools && !request.pools.includes(pool.id))) return "skipped"
	if (request.force || request.kind === "rehearse") return "run"
	// After another version, its pools may have written what this one's stand for.
	const isSame = own(state.modules, version.name)?.version === version.version
	return isSame && isApplied(state, version, pool.id) ? "unchanged" : "run"
}
