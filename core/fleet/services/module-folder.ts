import { type ModuleFolder, openSource, readModuleFolder } from "../../folder/read-module-folder.ts"
import type { Content } from "../../protocol/runner-port.ts"
import { FailureError } from "../../schema/failure.ts"
import type { Manifest, Source } from "../../schema/manifest.ts"
import type { Module } from "../../schema/module.ts"

/** A module that may run; fails with `module-faulty` and all its findings, or with `unknown-pool`. */
export async function readRunnableModule(
	folder: string,
	pools?: string[],
): Promise<{ manifest: Manifest; module: Module }> {
	const { manifest, module, findings } = await readModuleFolder(folder)
	const faults = findings.filter(({ severity }) => severity === "fault")
	if (!manifest || !module || faults.length > 0)
		throw new FailureError("module-faulty", { path: folder, faults: faults.length }, { findings })
	requirePools(module, pools)
	return { manifest, module }
}

function requirePools(module: Module, pools: string[] = []) {
	const known = module.pools.map(({ id }) => id)
	const pool = pools.filter((id) => !known.includes(id))
	if (pool.length > 0) throw new FailureError("unknown-pool", { pool, known })
}
