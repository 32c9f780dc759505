import { execFileSync } from "node:child_process"
import { mkdtemp } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Runtimes, readRuntimes } from "../../../core/fleet/runner-install/runtimes.ts"
import { projectFolder } from "../appliances/paths.ts"

/** The runtimes of this build, and a folder of the test's own where they are packed; the caller removes that. */
export async function readCarriedRuntimes(): Promise<Runtimes & { cacheFolder: string }> {
	execFileSync(process.execPath, [join(projectFolder, "build/runtimes.mjs")])
	const cacheFolder = await mkdtemp(join(tmpdir(), "hotfix-runtimes-"))
	return { ...(await readRuntimes(join(projectFolder, "dist/runtimes"), cacheFolder)), cacheFolder }
}
