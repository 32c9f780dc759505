import { readModuleFolder } from "../../folder/read-module-folder.ts"
import type { OpenModule } from "../../schema/desktop.ts"
import { FailureError } from "../../schema/failure.ts"
import type { Manifest } from "../../schema/manifest.ts"
import type { Module } from "../../schema/module.ts"

/** A module as the interface shows it: with its findings, and without content. Fails with `module-unreadable`. */
export async function readOpenModule(folder: string): Promise<OpenModule> {
	const { manifest, sources, ...shown } = await readModuleFolder(folder)
	const files = sources.map(({ target, size, digest, used }) => ({ target, size, digest, used }))
	return { ...shown, sources: files, ...(manifest && { digest: manifest.digest }) }
}

/** A module that may run; fails with `module-unreadable`, `module-faulty` and all its findings, or `unknown-pool`. */
export async function readRunnableModule(
	folder: string,
	pools?: string[],
): Promise<{ manifest: Manifest; module: Module }> {
	const { manifest, module, findings } = await readModuleFolder(folder)
	if (!manifest || !module) {
		const faults = findings.filter(({ severity }) => severity === "fault").length
		throw new FailureError("module-faulty", { path: folder, faults }, { findings })
	}
	requirePools(module, pools)
	return { manifest, module }
}

function requirePools(module: Module, pools: string[] = []) {
	const known = module.pools.map(({ id }) => id)
	const pool = pools.filter((id) => !known.includes(id))
	if (pool.length > 0) throw new FailureError("unknown-pool", { pool, known })
}
