import { MAX_STATED_FILES } from "../../protocol/file-calls.ts"
import type { AskedFile } from "../../schema/appliance-compare.ts"
import { parseJsonText, plainValue } from "../../schema/json-text.ts"
import { normalTarget } from "../../schema/manifest.ts"

/** Every destination that the index names, also in one with faults elsewhere; each once for each of its sources. */
export function destinationsOf(text: string): AskedFile[] {
	const { root } = parseJsonText(text)
	const byKey = new Map<string, AskedFile>()
	for (const pool of listOf(root && plainValue(root), "pools")) {
		for (const operation of listOf(pool, "operations")) {
			const [destination, target, id] = [
				memberOf(operation, "destination"),
				memberOf(operation, "target"),
				memberOf(pool, "id"),
			]
			if (typeof destination !== "string" || typeof target !== "string" || !isPath(destination)) continue
			const one = { destination, target: normalTarget(target), pools: [] as string[] }
			const known = byKey.get(`${one.target}\0${destination}`) ?? one
			byKey.set(`${one.target}\0${destination}`, known)
			if (typeof id === "string" && !known.pools.includes(id)) known.pools.push(id)
		}
	}
	return [...byKey.values()]
}

/** What is asked: all that the index names, or these paths, each with the source that it has there or would get. */
export function askedFiles(text: string, paths?: readonly string[]): { files: AskedFile[]; left: number } {
	const named = destinationsOf(text)
	const files = paths ? [...new Set(paths)].flatMap((path) => filesAt(named, path)) : named
	return { files: files.slice(0, MAX_STATED_FILES), left: Math.max(0, files.length - MAX_STATED_FILES) }
}

function filesAt(named: readonly AskedFile[], path: string): AskedFile[] {
	const known = named.filter(({ destination }) => destination === path)
	return known.length > 0 ? known : [{ destination: path, target: targetOf(path), pools: [] }]
}

/** Where a fetched file lies below `src/`, unless something else is asked for. */
export function targetOf(path: string): string {
	return path.replace(/^\/+/, "")
}

function isPath(destination: string): boolean {
	return destination.startsWith("/") && !destination.includes("\0") && destination.length <= 4096
}

function memberOf(value: unknown, key: string): unknown {
	return typeof value === "object" && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
}

function listOf(value: unknown, key: string): unknown[] {
	const found = memberOf(value, key)
	return Array.isArray(found) ? found : []
}
