import type { Action } from "../../../../core/schema/document/pool-edits.ts"
import { valueAt } from "../../../../core/schema/document/value.ts"
import { writtenTarget } from "../../../../core/schema/manifest.ts"
import { count } from "../../../components/format.ts"
import type { ModuleDocumentStore } from "../../../stores/module-documents.ts"
import type { PickedFile } from "../../../stores/source-adding.ts"
import { nameOf } from "../pools/pool-actions.ts"
import { findPool, markPool } from "../pools/pool-mark.ts"

/** A pool by its index, and where each target goes. */
interface Into {
	pool: number
	destinationOf(target: string): string
}

/**
 * Copies files into `src/` and then, as one step that can be undone, makes operations of those that are there; what
 * did not succeed is told beside the progress and becomes none.
 */
export async function addFiles(document: ModuleDocumentStore, picked: PickedFile[], into?: Into): Promise<void> {
	const mark = into && markPool(valueNow(document), into.pool)
	const there = await document.adding.start(picked)
	if (!into || !mark || there.length === 0) return
	// A pool may have been moved meanwhile.
	const index = findPool(valueNow(document), mark)
	if (index >= 0) addToPool(document, there, { ...into, pool: index })
}

/** Makes an operation of each source, as one step that can be undone. */
export function addToPool(document: ModuleDocumentStore, targets: string[], { pool, destinationOf }: Into): void {
	document.act(addOperations(valueNow(document), pool, targets, destinationOf))
}

function addOperations(
	value: unknown,
	pool: number,
	targets: string[],
	destinationOf: (target: string) => string,
): Action {
	const values = targets.map((target) => ({
		target: writtenTarget(target),
		destination: destinationOf(target).trim(),
	}))
	const label = `add ${count(targets.length, "file")} to ${nameOf(valueAt(value, ["pools", pool]), pool)}`
	return { label, edits: [{ kind: "append", path: ["pools", pool, "operations"], values }] }
}

function valueNow(document: ModuleDocumentStore): unknown {
	const now = document.store.getState()
	return now.state === "open" ? now.editing.value : undefined
}
