import type { JsonPath } from "../json-text.ts"
import { poolIdPattern } from "../module.ts"
import type { DocumentEdit } from "./edit.ts"
import { valueAt } from "./value.ts"

/** What one click does: its edits, and its name for "Undo ...". */
export interface Action {
	label: string
	edits: DocumentEdit[]
}

/** A pool with nothing in it yet, behind the others; the validator says what it still needs. */
export function addPool(value: unknown): Action {
	const index = countAt(value, ["pools"])
	const pool = { id: freeId(value, "pool"), description: "", operations: [], closure: [] }
	return { label: "add a pool", edits: [{ kind: "set", path: ["pools", index], value: pool }] }
}

/** A copy right behind the pool, under a name of its own; unknown keys and key order are copied too. */
export function duplicatePool(value: unknown, index: number): Action {
	const pool = valueAt(value, ["pools", index])
	const id = String(valueAt(pool, ["id"]) ?? "pool")
	const copy = { ...(pool as object), id: freeId(value, id) }
	return { label: `duplicate ${id}`, edits: [insertion(value, ["pools", index + 1], copy)] }
}

export function removePool(value: unknown, index: number): Action {
	const id = String(valueAt(value, ["pools", index, "id"]) ?? "the pool")
	return { label: `delete ${id}`, edits: [{ kind: "remove", path: ["pools", index] }] }
}

export function movePool(value: unknown, from: number, to: number): Action {
	const id = String(valueAt(value, ["pools", from, "id"]) ?? "the pool")
	return { label: `move ${id}`, edits: [{ kind: "move", path: ["pools", from], to }] }
}

/** Enabled is what a pool is when nothing is said: then the key goes. */
export function setPoolEnabled(value: unknown, index: number, enabled: boolean): Action {
	const id = String(valueAt(value, ["pools", index, "id"]) ?? "the pool")
	const path = ["pools", index, "enabled"]
	const edit: DocumentEdit = enabled ? { kind: "remove", path } : { kind: "set", path, value: false }
	return { label: `${enabled ? "enable" : "disable"} ${id}`, edits: [edit] }
}

/** A value of a key that may be absent; undefined takes the key out. */
export function setOptional(path: JsonPath, value: unknown, label: string): Action {
	return { label, edits: [value === undefined ? { kind: "remove", path } : { kind: "set", path, value }] }
}

/** A command or operation behind the others of its list; the list is made where it is not there. */
export function appendItem(value: unknown, list: JsonPath, item: unknown, label: string): Action {
	return { label, edits: [{ kind: "set", path: [...list, countAt(value, list)], value: item }] }
}

/** A name like the wanted one that no pool has: `fix`, `fix-2`, `fix-3`. */
export function freeId(value: unknown, wanted: string): string {
	const taken = new Set(poolsOf(value).map((pool) => valueAt(pool, ["id"])))
	const base = toPoolId(wanted).replace(/-\d+$/, "") || "pool"
	for (let count = 1; ; count++) {
		const suffix = count === 1 ? "" : `-${count}`
		const id = `${base.slice(0, 64 - suffix.length)}${suffix}`
		if (!taken.has(id)) return id
	}
}

/** The nearest that may be a pool's id. */
export function toPoolId(text: string): string {
	const id = text
		.normalize("NFKD")
		.replace(/\p{M}/gu, "")
		.replace(/[^A-Za-z0-9._-]+/g, "-")
		.replace(/^[^A-Za-z0-9]+/, "")
		.slice(0, 64)
	return poolIdPattern.test(id) ? id : "pool"
}

function insertion(value: unknown, path: JsonPath, item: unknown): DocumentEdit {
	const isLast = path.at(-1) === countAt(value, path.slice(0, -1))
	return isLast ? { kind: "set", path, value: item } : { kind: "insert", path, value: item }
}

function poolsOf(value: unknown): unknown[] {
	const pools = valueAt(value, ["pools"])
	return Array.isArray(pools) ? pools : []
}

function countAt(value: unknown, list: JsonPath): number {
	const found = valueAt(value, list)
	return Array.isArray(found) ? found.length : 0
}
