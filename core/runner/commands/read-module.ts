import { join, resolve } from "node:path"
import type { ModuleOnHost } from "../../engine/engine.ts"
import { readModuleFolder } from "../../folder/read-module-folder.ts"
import { FailureError } from "../../schema/failure.ts"
import { byPlace } from "../../schema/finding.ts"
import type { Place } from "../jobs/job.ts"
import { accountFindings } from "./account-findings.ts"

/**
 * The module of `--module DIR`, its contents where they lie. Fails with `module-faulty` and every fault at once, also of
 * owners and groups that this appliance does not know.
 */
export async function readModule(folder: string, { host, options }: Place): Promise<ModuleOnHost> {
	const path = resolve(folder)
	const { manifest, text, findings, sources } = await readModuleFolder(path, {
		stateFolder: options.stateFolder,
		advice: false,
	})
	const found = findings.filter(({ severity }) => severity === "fault")
	const faults = [...found, ...(await accountFindings(host, text, found))].sort(byPlace)
	const seen = new Map(sources.map((source) => [source.target, source.seen]))
	if (manifest && faults.length === 0) {
		return { manifest, pathOf: (target) => join(path, "src", target), seenAs: (target) => seen.get(target) }
	}
	throw new FailureError("module-faulty", { path, faults: faults.length }, { findings: faults })
}
