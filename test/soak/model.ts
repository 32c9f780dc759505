import type { PoolOutcome } from "../../core/schema/outcome.ts"
import type { Entry, Tree } from "../support/tree.ts"
import { digestOf, EXTRA, markerOf, type PoolId, pathsOf, poolIds, sourceOf } from "./modules.ts"

/** What a round asks the runner to do. */
export type Action =
	| { kind: "apply"; version: number; pools: PoolId[]; force: boolean; broken: PoolId[]; busy: PoolId[] }
	| { kind: "rehearse"; version: number; pools: PoolId[]; broken: PoolId[]; busy: PoolId[] }
	| { kind: "revert"; pool: PoolId; original: boolean }

/** A pool whose files stand there, and what stood there before. */
interface Standing {
	version: number
	before: Map<string, Entry | undefined>
	/** The version at which the extra file had been written then. */
	extra: number | undefined
}

/** What must be on the disk, kept beside the engine and without looking at any of its records. */
export interface Model {
	/** Pools that can be reverted now. */
	standing(): PoolId[]
	/** What becomes of each pool when nothing goes wrong; `installed`: the version that the appliance says it has. */
	outcomesOf(action: Action, installed: number | undefined): Map<PoolId, PoolOutcome>
	/** The tree after an action in which these pools were applied and nothing else changed. */
	treeAfter(action: Action, applied: PoolId[], before: Tree): Tree
	/** Remembers how the pools of an action ended, and which pools the appliance says it has. */
	learn(action: Action, outcomes: Map<PoolId, PoolOutcome>, before: Tree, known: string[]): void
}

export function createModel(birth: Tree): Model {
	/** The newest last: a revert goes back one step, as long as the backup of that one is kept. */
	const steps = new Map<PoolId, Standing[]>(poolIds.map((pool) => [pool, []]))
	const standing = (pool: PoolId) => steps.get(pool)?.at(-1)
	/** How the newest attempt to apply a pool ended. */
	const last = new Map<PoolId, { version: number; outcome: PoolOutcome }>()
	/** The version at which the extra file was written, while it is ours. */
	let extra: number | undefined

	/** Files of a pool that an action writes, with what becomes of them. */
	const wanted = (action: Action, pool: PoolId, before: Tree): Map<string, Entry | undefined> => {
		if (action.kind === "revert") {
			const old = [...(standing(pool)?.before ?? [])]
			return new Map(action.original ? old.map(([path]) => [path, birth.get(path)]) : old)
		}
		const { version } = action
		const files = pathsOf(pool, version)
		const made = files.map(({ path, destination }): [string, Entry] => [
			path,
			newEntry(before.get(path), digestOf(sourceOf(destination, version)), path === markerOf(pool)),
		])
		const returns = pool === "data" && version % 2 === 1 && extra !== undefined && extra > version
		return new Map<string, Entry | undefined>(returns ? [...made, [EXTRA, birth.get(EXTRA)]] : made)
	}

	return {
		standing: () => poolIds.filter(standing),
		outcomesOf(action, installed) {
			if (action.kind === "revert") return new Map([[action.pool, "applied"]])
			const outcomeOf = (pool: PoolId): PoolOutcome => {
				if (!action.pools.includes(pool)) return "skipped"
				const { version, outcome } = last.get(pool) ?? {}
				const isThere = outcome === "applied" && version === action.version && version === installed
				if (action.kind === "apply" && isThere && !action.force) return "unchanged"
				return action.broken.includes(pool) ? "failed" : "applied"
			}
			return new Map(poolIds.map((pool) => [pool, outcomeOf(pool)]))
		},
		treeAfter(action, applied, before) {
			const tree = new Map(before)
			if (action.kind === "rehearse") return tree
			for (const pool of applied) {
				for (const [path, entry] of wanted(action, pool, before)) {
					if (entry) tree.set(path, entry)
					else tree.delete(path)
				}
			}
			return withFollowers(tree, before)
		},
		learn(action, outcomes, before, known) {
			if (action.kind === "rehearse") return
			for (const [pool, outcome] of outcomes) {
				if (action.kind === "revert") {
					if (outcome === "applied") goBack(action, pool, known.includes(pool))
				} else if (outcome === "applied" || outcome === "failed") {
					last.set(pool, { version: action.version, outcome })
					if (outcome === "applied") stepOn(action, pool, before)
				}
			}
		},
	}

	function stepOn(action: Action & { kind: "apply" }, pool: PoolId, before: Tree): void {
		const files = [...wanted(action, pool, before).keys()]
		const found = new Map(files.map((path) => [path, before.get(path)]))
		steps.get(pool)?.push({ version: action.version, before: found, extra })
		if (files.includes(EXTRA)) extra = action.version % 2 === 0 ? action.version : undefined
	}

	function goBack(action: Action & { kind: "revert" }, pool: PoolId, isKnown: boolean): void {
		const reverted = steps.get(pool)?.pop()
		if (reverted?.before.has(EXTRA)) extra = action.original ? undefined : reverted.extra
		if (!isKnown) steps.set(pool, [])
		const now = standing(pool)
		if (now) last.set(pool, { version: now.version, outcome: "applied" })
		else last.delete(pool)
	}
}

/** New content keeps owner, mode and attributes; one that is there already is not written. Closures touch the marker. */
function newEntry(before: Entry | undefined, content: string, isMarker: boolean): Entry {
	const owner = `${process.geteuid?.()}:${process.getegid?.()}`
	if (!before) return { kind: "file", mode: "644", owner, links: 1, mtimeNs: undefined, content, attributes: "" }
	return { ...before, content, mtimeNs: before.content === content && !isMarker ? before.mtimeNs : undefined }
}

/** What changes with a destination: its second name, and the folders made for it. */
function withFollowers(tree: Map<string, Entry>, before: Tree): Tree {
	const one = tree.get("data/one")
	if (one) tree.set("data/two", one)
	const isMade = tree.has("web/made/deep/new")
	for (const folder of ["web/made", "web/made/deep"]) {
		if (!isMade) tree.delete(folder)
		else if (!before.has(folder)) tree.set(folder, { ...newEntry(undefined, "", true), kind: "folder", mode: "755" })
	}
	return tree
}
