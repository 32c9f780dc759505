import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import { promisify } from "node:util"
import { gzip } from "node:zlib"
import { FailureError } from "../../schema/failure.ts"

/** The runner as one file, and its name by content. */
export interface RunnerBundle {
	path: string
	/** SHA-256. */
	digest: string
}

/** Names the runner that `npm run build` made. Fails with `not-found` where it has not been built. */
export async function readRunnerBundle(path: string): Promise<RunnerBundle> {
	return { path, digest: digestOf(await readBundle(path)) }
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

function digestOf(bytes: Buffer): string {
	return createHash("sha256").update(bytes).digest("hex")
}
