import { chmod, lstat, mkdir } from "node:fs/promises"
import { FailureError } from "../schema/failure.ts"
import { systemFailure } from "./system-failure.ts"

/**
 * Makes a folder of the runner's own where there is none, and makes sure that nobody else can read or change what is in
 * it. Fails with `state-unsafe` where it belongs to somebody else or is no folder.
 */
export async function makePrivateFolder(path: string): Promise<void> {
	try {
		await mkdir(path, { recursive: true, mode: 0o700 })
		const stat = await lstat(path)
		if (!stat.isDirectory()) throw new FailureError("state-unsafe", { path, reason: "it is no folder" })
		if (stat.uid !== process.geteuid?.()) {
			throw new FailureError("state-unsafe", { path, reason: `it belongs to user ${stat.uid}` })
		}
		if ((stat.mode & 0o077) !== 0) await chmod(path, 0o700)
	} catch (error) {
		throw error instanceof FailureError ? error : systemFailure(error, path)
	}
}
