import type { Pool } from "../../schema/module.ts"
import type { PlannedPool } from "../../schema/plan.ts"
import { touchesAccess } from "../../schema/touches-access.ts"
import type { Destination } from "../change.ts"
import { folderOf } from "../disk/path.ts"
import { sideBySide } from "../disk/side-by-side.ts"
import { makeLayout } from "../layout.ts"
import { appendOnlyFaults } from "../phases/append-only.ts"
import { exposedWarnings } from "../phases/exposed-folders.ts"
import { sameFileFaults } from "../phases/inspect.ts"
import { findSpace, spaceFaults } from "../phases/space.ts"
import { policyFaults } from "../policy/path-policy.ts"
import type { PoolTask } from "../pool/pool-work.ts"
import type { PoolDecision } from "../run/decide.ts"
import { type PlannedChange, type PlanView, planOperation } from "./plan-operation.ts"

export interface PoolPlan {
	pool: PlannedPool
	destinations: Destination[]
	redact: readonly string[]
	/** What only root can do of it. */
	needs: string[]
}

/** What a plan says of a pool besides its task. */
export interface PoolFacts {
	description: string
	decision: PoolDecision
	/** Source by destination; none for what returns to the customer's original. */
	targets: Map<string, string>
}

/** What a run would do with one pool, the pools before it taken as applied. */
export async function planPool(view: PlanView, task: PoolTask, facts: PoolFacts): Promise<PoolPlan> {
	const changes = await sideBySide(task.changes, (change) =>
		planOperation(view, facts.targets.get(change.destination) ?? "", change),
	)
	const destinations = changes.filter(({ isPlaced }) => isPlaced).map(({ destination }) => destination)
	const faults = [
		...task.faults,
		...policyFaults(view.policy, destinations),
		...sameFileFaults(destinations),
		...(await findAppendOnly(view, destinations)),
		...spaceFaults(await findSpace(view.host, makeLayout(view.stateFolder), destinations, view.modify)),
	]
	const isBlocked = faults.length > 0 || changes.some(({ planned }) => planned.faults.length > 0)
	const would = wouldOf(facts.decision, isBlocked)
	if (would === "apply" && view.foresight) foresee(view.foresight, task.pool, changes)
	const { pool, checks, closure, timeoutSeconds, confirmSeconds } = task
	const planned = {
		pool,
		description: facts.description,
		would,
		operations: changes.map(({ planned }) => planned),
		checks,
		closure,
		timeoutSeconds,
		...(confirmSeconds === undefined ? {} : { confirmSeconds }),
		warnings: [
			...faults,
			...(task.warnings ?? []),
			...(await exposedWarnings(view.host, destinations)),
			...accessWarnings(task, destinations),
		],
	}
	const needs = [...(task.needs ?? []), ...changes.flatMap((change) => change.needs)]
	return { pool: planned, destinations, redact: task.redact, needs }
}

async function findAppendOnly({ host, soundFolders }: PlanView, destinations: Destination[]): Promise<string[]> {
	const folder = ({ makes, path }: Destination) => folderOf(makes[0] ?? path)
	const unknown = destinations.filter((destination) => !soundFolders.has(folder(destination)))
	const faults = await appendOnlyFaults(host, unknown)
	if (faults.length === 0) for (const destination of unknown) soundFolders.add(folder(destination))
	return faults
}

function wouldOf(decision: PoolDecision, isBlocked: boolean): PlannedPool["would"] {
	if (decision === "skipped") return "skip"
	if (decision === "unchanged") return "unchanged"
	return isBlocked ? "fail-preflight" : "apply"
}

function foresee(foresight: NonNullable<PlanView["foresight"]>, pool: string, changes: PlannedChange[]): void {
	for (const { destination, planned, after } of changes) {
		foresight.files.set(destination.path, { pool, file: after })
		for (const folder of planned.makes) foresight.folders.add(folder)
	}
}

/** The module's own text says nothing of destinations that lead into such a place by a link, or return there. */
function accessWarnings(task: PoolTask, destinations: Destination[]): string[] {
	if (task.confirmSeconds !== undefined) return []
	const touches = (path: string) => touchesAccess(operationOf(path)) !== undefined
	return destinations
		.filter(({ destination, path, isReturn }) => touches(path) && (isReturn || !touches(destination)))
		.map(
			({ path }) => `${path} is written, which can lock you out of the appliance, and the pool has no confirmSeconds`,
		)
}

function operationOf(destination: string): Pick<Pool, "operations" | "closure"> {
	return { operations: [{ target: "", destination }], closure: [] }
}
