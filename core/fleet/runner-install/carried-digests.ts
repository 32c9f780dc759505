import { z } from "zod"
import { FailureError } from "../../schema/failure.ts"

const digest = z.string().regex(/^[0-9a-f]{64}$/)

/**
 * What an installer carries beside the program, by path below its resources: SHA-256. `build/package` writes it into the
 * archive of the program, which the system's signature and Electron's integrity check cover; the files themselves lie
 * outside of both.
 */
const carriedSchema = z.object({ "runner/hotfix-runner.cjs": digest, "runtimes/runtimes.json": digest })

export interface CarriedDigests {
	runner: string
	/** Of the list, which has those of the runtimes. */
	runtimes: string
}

export function parseCarriedDigests(text: string): CarriedDigests {
	const carried = carriedSchema.parse(JSON.parse(text))
	return { runner: carried["runner/hotfix-runner.cjs"], runtimes: carried["runtimes/runtimes.json"] }
}

/** Refuses a file that is not the one that was packaged. Anything will do where nobody says which it shall be. */
export function requireDigest(path: string, found: string, expected: string | undefined): void {
	if (expected === undefined || found === expected) return
	throw new FailureError("internal", { message: `${path} is not what was packaged; install this program anew` })
}
