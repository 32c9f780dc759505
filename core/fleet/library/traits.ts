import { realpath } from "node:fs/promises"
import { join } from "node:path"
import { type DigestCache, digestFile } from "../../folder/digest-sources.ts"
import { openRegular } from "../../folder/source-path.ts"
import { traitsOf } from "../../folder/source-traits.ts"
import { FailureError } from "../../schema/failure.ts"
import { LOOKED_AT_BYTES, type SourceTraits } from "../../schema/source-traits.ts"
import { codeOf } from "./files/disk-failure.ts"
import { findFolder } from "./module-place.ts"
import { sourceName } from "./source-name.ts"
import { requireInside } from "./sources.ts"

/** Contents that are remembered; the oldest go first. */
const MAX_KNOWN = 20_000
/** Files read at once: 1 MiB of each is in memory. */
const AT_ONCE = 4

type Traits = Omit<SourceTraits, "target" | "digest">

/** What is known of these sources' bytes, in their order; those that cannot be read are left out. */
export type ReadTraits = (folder: string, targets: string[]) => Promise<SourceTraits[]>

/** Reads what files' bytes say of them, each content once; `digests` spares reading what has not changed. */
export function createTraitsReader(digests: DigestCache): ReadTraits {
	const known = new Map<string, Traits>()
	const remember = (digest: string, traits: Traits) => {
		known.set(digest, traits)
		if (known.size > MAX_KNOWN) for (const oldest of known.keys()) return known.delete(oldest)
		return true
	}

	const readOne = async (folder: string, target: string): Promise<SourceTraits | undefined> => {
		const name = join(folder, sourceName(target))
		await requireInside(folder, name, target)
		const path = await realpath(name)
		const { digest } = await digestFile(path, digests)
		const found = known.get(digest)
		if (found) return { target, digest, ...found }
		const traits = await readTraits(path)
		// One that was written to between the two looks belongs to no digest; whoever follows the module asks again.
		if ((await digestFile(path, digests)).digest !== digest) return undefined
		remember(digest, traits)
		return { target, digest, ...traits }
	}

	return async (given, targets) => {
		const folder = await findFolder(given)
		const all: (SourceTraits | undefined)[] = []
		const queue = targets.entries()
		const readRest = async () => {
			for (const [index, target] of queue) all[index] = await readOne(folder, target).catch(unreadable)
		}
		await Promise.all(Array.from({ length: AT_ONCE }, readRest))
		return all.filter((one) => one !== undefined)
	}
}

/** A file that is gone or may not be read is a finding of the module already, and nothing is known of its bytes. */
function unreadable(error: unknown): undefined {
	if (error instanceof FailureError || /^E[A-Z]+$/.test(codeOf(error))) return undefined
	throw error
}

async function readTraits(path: string): Promise<Traits> {
	const file = await openRegular(path)
	try {
		const { size } = await file.stat()
		const head = Buffer.alloc(Math.min(size, LOOKED_AT_BYTES))
		const { bytesRead } = await file.read(head, 0, head.length, 0)
		const end = Buffer.alloc(1)
		const isCut = size > head.length && (await file.read(end, 0, 1, size - 1)).bytesRead === 1
		return traitsOf(head.subarray(0, bytesRead), { size, ...(isCut && { last: end[0] }) })
	} finally {
		await file.close()
	}
}
