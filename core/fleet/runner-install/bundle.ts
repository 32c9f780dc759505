import { readFile } from "node:fs/promises"
import { promisify } from "node:util"
import { gzip } from "node:zlib"
import { FailureError } from "../../schema/failure.ts"
import { digestOf } from "../digest.ts"
import { requireDigest } from "./carried-digests.ts"

/** The runner as one file, and its name by content. */
export interface RunnerBundle {
	path: string
	/** SHA-256. */
	digest: string
}

/**
 * Names the runner that `npm run build` made. Fails with `not-found` where it has not been built, and where it is not the
 * one that `expected` (SHA-256) names: an installer says which one it carries.
 */
export async function readRunnerBundle(path: string, expected?: string): Promise<RunnerBundle> {
	const digest = digestOf(await readBundle(path))
	requireDigest(path, digest, expected)
	return { path, digest }
}

const packed = new Map<string, Promise<Buffer>>()

/** The runner as it travels; packed once in the life of the program. */
export function packBundle(bundle: RunnerBundle): Promise<Buffer> {
	const known = packed.get(bundle.digest)
	if (known) return known
	const made = pack(bundle)
	packed.set(bundle.digest, made)
	// The caller gets the failure; the next one tries anew.
	made.catch(() => packed.delete(bundle.digest))
	return made
}

async function pack(bundle: RunnerBundle): Promise<Buffer> {
	const bytes = await readBundle(bundle.path)
	if (digestOf(bytes) !== bundle.digest) {
		throw new FailureError("internal", { message: `the runner ${bundle.path} was changed while this program runs` })
	}
	return promisify(gzip)(bytes, { level: 9 })
}

async function readBundle(path: string): Promise<Buffer> {
	try {
		return await readFile(path)
	} catch (error) {
		throw new FailureError("not-found", { kind: "runner", path }, { cause: error })
	}
}
