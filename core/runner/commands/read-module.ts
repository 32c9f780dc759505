import { join, resolve } from "node:path"
import type { ModuleOnHost } from "../../engine/engine.ts"
import { readModuleFolder } from "../../folder/read-module-folder.ts"
import { FailureError } from "../../schema/failure.ts"

/** The module of `--module DIR`, its contents where they lie. Fails with `module-faulty` and every finding. */
export async function readModule(folder: string): Promise<ModuleOnHost> {
	const path = resolve(folder)
	const { manifest, findings } = await readModuleFolder(path)
	if (manifest) return { manifest, pathOf: (target) => join(path, "src", target) }
	const faults = findings.filter(({ severity }) => severity === "fault")
	throw new FailureError("module-faulty", { path, faults: faults.length }, { findings: faults })
}
