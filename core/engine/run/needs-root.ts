import type { Failure } from "../../schema/failure.ts"
import { sideBySide } from "../disk/side-by-side.ts"
import { inspect } from "../phases/inspect.ts"
import type { PoolTask } from "../pool/pool-work.ts"
import type { Base } from "./open-run.ts"

/** Needs that are named; the rest is counted. */
const SHOWN = 20

/**
 * Why a run is refused to an account that is not root: a run that can do only some of its pools would leave the appliance
 * between two versions. Undefined for root, and where nothing but this account's own is touched.
 */
export async function findNeedsRoot(base: Base, tasks: readonly PoolTask[]): Promise<Failure | undefined> {
	const { host, options } = base
	if (host.self.uid === 0) return undefined
	const changes = tasks.flatMap((task) => task.changes)
	const found = await sideBySide(changes, (change) => inspect(host, options.stateFolder, change, "ask"))
	return needsRoot([...tasks.flatMap(({ needs = [] }) => needs), ...found.flatMap(({ needs }) => needs)])
}

/** The same of needs that were found already. */
export function needsRoot(found: readonly string[]): Failure | undefined {
	const all = [...new Set(found)]
	if (all.length === 0) return undefined
	const needs = all.length <= SHOWN ? all : [...all.slice(0, SHOWN), `and ${all.length - SHOWN} more`]
	return { code: "needs-root", data: { needs } }
}
