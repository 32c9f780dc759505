import { quoted } from "../plain-text.ts"
import type { Tell } from "./conversion.ts"
import { hadNotRun, hadRun } from "./convert-targets.ts"
import type { PoolsIndex } from "./legacy-index.ts"

/** The pool variant is the present format and two keys more: everything else stays, with its order. */
export function convertPools(
	plain: Record<string, unknown>,
	{ pools }: PoolsIndex,
	tell: Tell,
): Record<string, unknown> {
	const given = plain.pools as Record<string, unknown>[]
	return { ...plain, pools: given.map((pool, index) => convertPool(pool, pools[index], index, tell)) }
}

function convertPool(
	{ has_run: _, target_schema_version: __, ...pool }: Record<string, unknown>,
	legacy: PoolsIndex["pools"][number] | undefined,
	index: number,
	tell: Tell,
): Record<string, unknown> {
	const at = ["pools", index] as const
	tell({ kind: "pool", name: quoted(String(pool.id)), at, outcome: "converted", message: "it stays as it is" })
	if (legacy?.has_run !== undefined) {
		tell({ kind: "setting", name: "has_run", at: [...at, "has_run"], ...(legacy.has_run ? hadRun : hadNotRun) })
	}
	if (legacy?.target_schema_version !== undefined) {
		tell({ kind: "setting", name: "target_schema_version", at: [...at, "target_schema_version"], ...ownVersion })
	}
	return legacy?.has_run ? { ...pool, enabled: false } : pool
}

const ownVersion = {
	outcome: "noted",
	message: "a pool has no version of its own: a higher schema_version applies every pool again",
} as const
