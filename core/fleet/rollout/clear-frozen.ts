import { readdir, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import type { Rollout } from "../../schema/rollout.ts"
import type { RolloutStore } from "../store/rollout-store.ts"
import { hasFailed } from "./budget.ts"

/** Copies of which nothing is known are another program's that makes them just now, unless they are older, milliseconds. */
const UNKNOWN_MS = 86_400_000

/** Where the copies of modules lie that rollouts need. */
export function makeRolloutsFolder(dataFolder: string): string {
	return join(dataFolder, "rollouts")
}

/** Removes copies of modules that no rollout needs any more, and what an interrupted program left. */
export async function clearFrozen(folder: string, { get, has }: Pick<RolloutStore, "get" | "has">): Promise<void> {
	for (const name of await readdir(folder).catch(() => [])) {
		const path = join(folder, name)
		const rollout = get(name)
		// It is there and cannot be read: who knows what it needs.
		if (!rollout && has(name)) continue
		const isOver = rollout ? !needsModule(rollout) : Date.now() - (await stat(path)).mtimeMs > UNKNOWN_MS
		if (isOver) await rm(path, { recursive: true, force: true })
	}
}

/** Whether it may still be applied somewhere, be it by a retry. */
function needsModule({ status, targets }: Rollout): boolean {
	if (status.state === "undone") return false
	return (
		status.state !== "finished" || targets.some((target) => hasFailed(target) || target.standing.state === "expired")
	)
}
