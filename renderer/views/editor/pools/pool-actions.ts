import {
	addPool,
	duplicatePool,
	movePool,
	removePool,
	setPoolEnabled,
} from "../../../../core/schema/document/pool-edits.ts"
import { valueAt } from "../../../../core/schema/document/value.ts"
import { type Editing, poolsOf } from "../../../stores/module-document.ts"
import type { ModuleDocumentStore } from "../../../stores/module-documents.ts"

/** What may be done to a pool, with what is selected afterwards. */
export interface PoolActions {
	add(): void
	duplicate(index: number): void
	remove(index: number): void
	/** Nothing happens where there is no such place. */
	move(from: number, to: number): void
	setEnabled(index: number, isEnabled: boolean): void
}

export function makePoolActions(document: ModuleDocumentStore): PoolActions {
	const now = (): Editing | undefined => {
		const state = document.store.getState()
		return state.state === "open" ? state.editing : undefined
	}
	const value = () => now()?.value
	const select = (index: number) => document.select({ part: "pool", index })
	const count = () => poolsOf(value()).length
	return {
		add() {
			document.act(addPool(value()))
			select(Math.max(0, count() - 1))
		},
		duplicate(index) {
			document.act(duplicatePool(value(), index))
			select(index + 1)
		},
		remove(index) {
			document.act(removePool(value(), index))
			select(Math.min(index, Math.max(0, count() - 1)))
		},
		move(from, to) {
			if (from === to || to < 0 || to >= count()) return
			document.act(movePool(value(), from, to))
			select(to)
		},
		setEnabled: (index, isEnabled) => document.act(setPoolEnabled(value(), index, isEnabled)),
	}
}

/** A pool's name as it is shown, whatever stands there. */
export function nameOf(pool: unknown, index: number): string {
	const id = valueAt(pool, ["id"])
	return typeof id === "string" && id !== "" ? id : `pool ${index + 1}`
}
