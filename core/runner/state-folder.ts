import { mkdir } from "node:fs/promises"
import { prepareStateFolder } from "../engine/state/state-folder.ts"
import type { Place } from "./jobs/job.ts"
import { systemFailure } from "./system-failure.ts"

/** Makes a folder in the state folder, and that itself. Fails with `state-unsafe` where others could read or change it. */
export async function makeStateSubfolder({ host, options }: Place, path: string): Promise<void> {
	await prepareStateFolder(host, options.stateFolder)
	try {
		await mkdir(path, { recursive: true, mode: 0o700 })
	} catch (error) {
		throw systemFailure(error, path)
	}
}
