import type { RunnerPort } from "../../protocol/runner-port.ts"
import type { ComparedSide, FileComparison } from "../../schema/appliance-compare.ts"
import type { SeenDestination } from "../../schema/appliance-files.ts"
import { FailureError } from "../../schema/failure.ts"
import type { SourceContent } from "../../schema/library.ts"
import { MAX_DIFF_BYTES, readDiffText, unifiedDiff } from "../../schema/unified-diff.ts"
import { digestOf } from "../digest.ts"
import { fetchApplied, fetchFile } from "./fetch-content.ts"

/** Our source, their file as it is, and what we applied last, with what differs. */
export async function compareFile(
	port: RunnerPort,
	destination: string,
	source: SourceContent | undefined,
): Promise<FileComparison> {
	const [seen] = await port.statFiles([destination])
	if (!seen) throw new FailureError("runner-incompatible", { reason: `no answer for ${destination}` })
	const ours = source && oursOf(source)
	const theirs = await theirsOf(port, seen)
	const applied = await appliedOf(port, seen)
	return {
		...(ours && { ours }),
		...(theirs && { theirs }),
		...(applied && { applied }),
		...diffOf("oursToTheirs", ours, theirs, { before: "our source", after: "on the appliance" }),
		...diffOf("appliedToTheirs", applied, theirs, { before: "applied last", after: "on the appliance" }),
	}
}

function oursOf({ digest, size, text }: SourceContent): ComparedSide {
	return { digest, size, ...(text !== undefined && size <= MAX_DIFF_BYTES && { text }) }
}

async function theirsOf(port: RunnerPort, { destination, now }: SeenDestination): Promise<ComparedSide | undefined> {
	if (now.state === "absent") return undefined
	if (now.state === "refused") throw new FailureError(now.failure.code, now.failure.data)
	if (now.size > MAX_DIFF_BYTES) return { size: now.size, ...(now.digest !== undefined && { digest: now.digest }) }
	const pieces: Buffer[] = []
	await fetchFile(port, destination, async (piece) => void pieces.push(piece), MAX_DIFF_BYTES)
	return sideOf(Buffer.concat(pieces))
}

async function appliedOf(port: RunnerPort, { applied }: SeenDestination): Promise<ComparedSide | undefined> {
	if (!applied) return undefined
	const bytes = applied.isKept ? await fetchApplied(port, applied.digest, MAX_DIFF_BYTES) : undefined
	return bytes instanceof Buffer ? sideOf(bytes) : { digest: applied.digest }
}

function sideOf(bytes: Buffer): ComparedSide {
	const text = readDiffText(bytes)
	return { digest: digestOf(bytes), size: bytes.length, ...(text !== undefined && { text }) }
}

function diffOf(
	key: "oursToTheirs" | "appliedToTheirs",
	from: ComparedSide | undefined,
	to: ComparedSide | undefined,
	names: { before: string; after: string },
): Partial<FileComparison> {
	if (from?.text === undefined || to?.text === undefined) return {}
	return { [key]: unifiedDiff(from.text, to.text, names) }
}
