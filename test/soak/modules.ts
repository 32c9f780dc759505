import { createHash } from "node:crypto"

/** Every soak's module: the same three pools in all its versions 1.0.1 to 1.0.8. */
export const VERSIONS = [1, 2, 3, 4, 5, 6, 7, 8]
export const poolIds = ["web", "data", "app"] as const
export type PoolId = (typeof poolIds)[number]

/** Raised: the final closure fails. */
export const FINAL_CLOSURE_FLAG = "final"
/** Raised: the pool's closure fails on its new files. */
export const brokenFlag = (pool: PoolId) => `broken-${pool}`
/** Raised: the pool's closure goes on touching a destination for a while, also when its runner is gone. */
export const busyFlag = (pool: PoolId) => `busy-${pool}`

/** Only even versions have it: going back to an odd one returns it to the customer's own. */
export const EXTRA = "data/extra"

interface Path {
	destination: string
	/** The file that is written. */
	path: string
}

const destinations: Record<PoolId, string[]> = {
	web: ["web/conf", "web/link", "web/made/deep/new", "web/big"],
	data: ["data/one", "data/same", "data/attributes"],
	app: Array.from({ length: 12 }, (_, index) => `app/${index}`),
}

export function pathsOf(pool: PoolId, version: number): Path[] {
	const extra = pool === "data" && version % 2 === 0 ? [EXTRA] : []
	return [...destinations[pool], ...extra].map((destination) => ({
		destination,
		path: destination === "web/link" ? "web/real" : destination,
	}))
}

/** The file by which a closure knows whose files stand there. */
const markers: Record<PoolId, string> = { web: "web/conf", data: "data/one", app: "app/0" }
export const markerOf = (pool: PoolId) => markers[pool]

export function sourceOf(destination: string, version: number): string {
	if (destination === "data/same") return "the same in every version\n"
	const filler = destination === "web/big" ? "n".repeat(400_000) : destination
	return `version ${version}\n${filler}\n`
}

export function digestOf(content: string): string {
	return createHash("sha256").update(content).digest("hex")
}

export function makeClosure(pool: PoolId, version: number, files: string, flags: string): string[] {
	const isNew = `grep -qx 'version ${version}' ${markerOf(pool)}`
	// Short while the runner lives; what a dead one left goes on for long, unless recovery ends it.
	const goesOn = "test $n -lt 6 || { test $n -lt 200 && ! kill -0 $PPID 2>/dev/null; }"
	const touching = `n=0; while ${goesOn}; do sleep 0.01; touch ${markerOf(pool)}; n=$((n + 1)); done`
	return [
		`cd ${files}`,
		`if test -e ${flags}/${busyFlag(pool)} && ${isNew}; then ${touching}; fi`,
		`if test -e ${flags}/${brokenFlag(pool)} && ${isNew}; then false; fi`,
	]
}
