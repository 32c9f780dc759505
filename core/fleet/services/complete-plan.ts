import { createHash } from "node:crypto"
import { readContent } from "../../folder/read-content.ts"
import { FailureError } from "../../schema/failure.ts"
import type { Manifest, Source } from "../../schema/manifest.ts"
import type { Plan, PlannedOperation } from "../../schema/plan.ts"
import { MAX_DIFF_BYTES, readDiffText, unifiedDiff } from "../../schema/unified-diff.ts"

/**
 * A plan with the differences that the appliance could not make, because the new contents are still here only. The old
 * texts go no further.
 */
export async function completePlan(plan: Plan, folder: string, { sources }: Manifest): Promise<Plan> {
	const bySource = new Map(sources.map((source) => [source.target, source]))
	const complete = async ({ before, ...operation }: PlannedOperation): Promise<PlannedOperation> => {
		const source = bySource.get(operation.target)
		if (before === undefined || !source) return operation
		const after = await readSource(folder, source)
		const path = operation.linkTo ?? operation.destination
		return after === undefined
			? operation
			: { ...operation, diff: unifiedDiff(before, after, { before: path, after: path }) }
	}
	const pools: Plan["pools"] = []
	for (const pool of plan.pools) {
		const operations: PlannedOperation[] = []
		for (const operation of pool.operations) operations.push(await complete(operation))
		pools.push({ ...pool, operations })
	}
	return { ...plan, pools }
}

/** Undefined for what is no text, or is no longer what was planned. */
async function readSource(folder: string, { target, digest, size }: Source): Promise<string | undefined> {
	if (size > MAX_DIFF_BYTES) return undefined
	const hash = createHash("sha256")
	const pieces: Uint8Array[] = []
	try {
		for await (const piece of readContent(folder, target)) {
			hash.update(piece)
			pieces.push(piece)
			if (pieces.reduce((sum, { length }) => sum + length, 0) > size) return undefined
		}
	} catch (error) {
		// It was there when the plan began: a plan without this difference is still a plan.
		if (error instanceof FailureError) return undefined
		throw error
	}
	return hash.digest("hex") === digest ? readDiffText(Buffer.concat(pieces)) : undefined
}
