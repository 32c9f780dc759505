import { valueAt } from "../../../../core/schema/document/value.ts"
import { normalTarget } from "../../../../core/schema/manifest.ts"
import type { KnownOperation } from "../../../../core/schema/propose-destination.ts"
import type { SourceUse } from "../../../../core/schema/source-notes.ts"
import { poolsOf } from "../../../stores/module-document.ts"
import { nameOf } from "../pools/pool-actions.ts"

/** An operation as it is typed, with its place. */
export interface PlacedOperation extends KnownOperation {
	pool: number
	index: number
	poolName: string
	mode?: string | undefined
}

/** Every operation of a document that names a target; what is no text is left to the validator. */
export function operationsOf(value: unknown): PlacedOperation[] {
	return poolsOf(value).flatMap((pool, at) => {
		const operations = valueAt(pool, ["operations"])
		return (Array.isArray(operations) ? operations : []).flatMap((operation, index) => {
			const [target, destination, mode] = [
				valueAt(operation, ["target"]),
				valueAt(operation, ["destination"]),
				valueAt(operation, ["permissions", "mode"]),
			]
			if (typeof target !== "string") return []
			const known = { target: normalTarget(target), destination: typeof destination === "string" ? destination : "" }
			return [{ ...known, pool: at, index, poolName: nameOf(pool, at), ...(typeof mode === "string" && { mode }) }]
		})
	})
}

export function usesByTarget(value: unknown): Map<string, SourceUse[]> {
	const uses = new Map<string, SourceUse[]>()
	for (const { target, pool, poolName, destination, mode } of operationsOf(value)) {
		const use: SourceUse = { pool, name: poolName, destination, mode }
		const known = uses.get(target)
		if (known) known.push(use)
		else uses.set(target, [use])
	}
	return uses
}
