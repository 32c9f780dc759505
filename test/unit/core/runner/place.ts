import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach } from "vitest"
import { createNodeHost } from "../../../../core/engine/node-host/node-host.ts"
import type { Place } from "../../../../core/runner/jobs/job.ts"

const folders: string[] = []
afterEach(async () => {
	for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true, maxRetries: 20 })
})

/** A folder of this test's own; gone after it. */
export async function makeFolder(): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), "hotfix-runner-test-"))
	folders.push(folder)
	return folder
}

/** This machine with a state folder of this test's own. */
export async function makePlace(): Promise<Place> {
	const stateFolder = join(await makeFolder(), "state")
	return { host: createNodeHost(), options: { stateFolder, runnerVersion: "0.0.0-test" } }
}
