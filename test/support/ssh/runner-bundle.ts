import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { projectFolder } from "../appliances/paths.ts"

/** The runner that is uploaded; built where `npm run build` has not been run yet. */
export async function runnerBundlePath(): Promise<string> {
	const path = join(projectFolder, "dist/runner/hotfix-runner.cjs")
	if (!existsSync(path)) execFileSync(process.execPath, [join(projectFolder, "build/runner.mjs")])
	return path
}
