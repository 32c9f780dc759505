import type { FetchResult } from "../../../../core/schema/appliance-compare.ts"
import type { FolderEntry } from "../../../../core/schema/appliance-files.ts"
import type { Action } from "../../../../core/schema/document/pool-edits.ts"
import { valueAt } from "../../../../core/schema/document/value.ts"
import { normalTarget } from "../../../../core/schema/manifest.ts"
import { poolsOf } from "../../../stores/module-document.ts"
import { nameOf } from "../pools/pool-actions.ts"

/** What an entry is, a link followed. */
export function leadsTo({ kind, link }: FolderEntry): FolderEntry["kind"] {
	return kind === "link" ? link?.kind : kind
}

export function isFetchable(entry: FolderEntry): boolean {
	return entry.isNameSound && leadsTo(entry) === "file"
}

export function joinPath(folder: string, name: string): string {
	return folder === "/" ? `/${name}` : `${folder}/${name}`
}

export function parentOf(path: string): string {
	return path.slice(0, path.lastIndexOf("/")) || "/"
}

/** The operations of fetched files, behind those that a pool has; one that is there already stays as it is. */
export function addFetched(value: unknown, pool: number, results: readonly FetchResult[]): Action | undefined {
	const path = ["pools", pool, "operations"]
	const list = valueAt(value, path)
	const there = Array.isArray(list) ? list : []
	const destinations = new Set(there.map((operation) => valueAt(operation, ["destination"])))
	const fresh = results.flatMap(({ operation }) =>
		operation && !destinations.has(operation.destination) ? [operation] : [],
	)
	if (fresh.length === 0) return undefined
	const edits = fresh.map((operation, index) => ({
		kind: "set" as const,
		path: [...path, there.length + index],
		value: operation,
	}))
	return { label: fresh.length === 1 ? "add a fetched file" : "add fetched files", edits }
}

/** A typed path without what makes no difference. */
export function cleanPath(path: string): string {
	return path
		.trim()
		.replace(/\/{2,}/g, "/")
		.replace(/(.)\/$/, "$1")
}

export function keyOfFile({ target, destination }: { target: string; destination: string }): string {
	return `${target}\0${destination}`
}

/** The pools that bring a source to a destination, by `keyOfFile`. */
export function poolsByFile(value: unknown): Map<string, string[]> {
	const found = new Map<string, string[]>()
	for (const [index, pool] of poolsOf(value).entries()) {
		const operations = valueAt(pool, ["operations"])
		for (const operation of Array.isArray(operations) ? operations : []) {
			const [target, destination] = [valueAt(operation, ["target"]), valueAt(operation, ["destination"])]
			if (typeof target !== "string" || typeof destination !== "string") continue
			const key = keyOfFile({ target: normalTarget(target), destination })
			found.set(key, [...(found.get(key) ?? []), nameOf(pool, index)])
		}
	}
	return found
}
