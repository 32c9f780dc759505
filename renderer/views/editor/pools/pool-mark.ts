import { valueAt } from "../../../../core/schema/document/value.ts"
import { poolsOf } from "../../../stores/module-document.ts"
import { nameOf } from "./pool-actions.ts"

/** Which pool was meant, while others may be moved or removed. */
export interface PoolMark {
	index: number
	id?: string
	/** As it was shown. */
	name: string
}

export function markPool(value: unknown, index: number): PoolMark {
	const pool = valueAt(value, ["pools", index])
	const id = valueAt(pool, ["id"])
	return { index, name: nameOf(pool, index), ...(typeof id === "string" && { id }) }
}

/** Where it is now, or -1; a pool without an id is known by its place alone. */
export function findPool(value: unknown, mark: PoolMark): number {
	const ids = poolsOf(value).map((pool) => {
		const id = valueAt(pool, ["id"])
		return typeof id === "string" ? id : undefined
	})
	if (mark.index < ids.length && ids[mark.index] === mark.id) return mark.index
	return mark.id === undefined ? -1 : ids.indexOf(mark.id)
}
