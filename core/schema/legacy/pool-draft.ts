import { DEFAULT_TIMEOUT_SECONDS, type Operation, poolIdPattern } from "../module.ts"

/** A pool that is being made, in the order of its keys in `index.json`. */
export interface PoolDraft {
	id: string
	description: string
	operations: Operation[]
	closure: string[]
	checks: string[]
	timeoutSeconds: number
	enabled: boolean
	/** Nothing legacy stands in the closure. */
	isUnproved: boolean
}

/** What a legacy index becomes, before it is text. */
export interface Converted {
	pools: PoolDraft[]
	finalClosure: string[]
	/** How the pools were made. */
	grouping: string
}

/** A pool as it is written: what has its default is left out. */
export function makePool({
	checks,
	timeoutSeconds,
	enabled,
	isUnproved: _,
	...pool
}: PoolDraft): Record<string, unknown> {
	return {
		...pool,
		...(checks.length > 0 && { checks }),
		...(timeoutSeconds !== DEFAULT_TIMEOUT_SECONDS && { timeoutSeconds }),
		...(!enabled && { enabled }),
	}
}

/** Makes a pool's id of what the legacy file calls something: valid, and given once. */
export function createIds(): (name: string) => string {
	const given = new Set<string>()
	const counts = new Map<string, number>()
	return (name) => {
		const id = validId(name)
		const stem = id.slice(0, 56)
		let unique = id
		while (given.has(unique)) {
			const count = (counts.get(stem) ?? 1) + 1
			counts.set(stem, count)
			unique = `${stem}-${count}`
		}
		given.add(unique)
		return unique
	}
}

function validId(name: string): string {
	const narrow = name
		.normalize("NFKD")
		.replace(/\p{Mark}/gu, "")
		.replace(/[^A-Za-z0-9._-]+/g, "-")
		.replace(/^[^A-Za-z0-9]+/, "")
		.slice(0, 64)
		.replace(/-+$/, "")
	return poolIdPattern.test(narrow) ? narrow : "pool"
}
