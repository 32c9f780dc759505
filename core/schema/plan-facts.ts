import type { Plan, PlannedOperation, PlannedPool } from "./plan.ts"

/** What was asked for, as far as the plan itself does not say it. */
export interface PlanWish {
	kind: string
	force: boolean
	allowDowngrade: boolean
	modify: boolean
	pools?: readonly string[] | undefined
}

export type PlanFacts = ReturnType<typeof makePlanFacts>
export type PoolFacts = PlanFacts["pools"][number]
export type OperationFacts = PoolFacts["operations"][number]

/**
 * What of a plan a person decides by: two plans with the same facts are one and the same decision, on whichever appliance.
 * Always in the same order, so that its JSON can be named by a digest. Free space and times are no part of it.
 */
export function makePlanFacts(plan: Plan, { kind, force, allowDowngrade, modify, pools }: PlanWish) {
	return {
		module: plan.module.name,
		version: plan.module.version,
		digest: plan.module.digest,
		wish: { kind, force, allowDowngrade, modify, pools: pools ? [...pools].sort() : null },
		installed: plan.installedVersion ?? null,
		interrupted: plan.interrupted,
		refusal: plan.refusal ?? null,
		pools: plan.pools.map(poolFacts),
		finalClosure: plan.finalClosure,
		findings: plan.findings.map(({ severity, rule, path, message }) => [severity, rule, path, message]),
	}
}

function poolFacts({
	pool,
	would,
	operations,
	checks,
	closure,
	timeoutSeconds,
	confirmSeconds,
	warnings,
}: PlannedPool) {
	return {
		pool,
		would,
		commands: [...checks, ...closure, ...checks],
		seconds: [timeoutSeconds, confirmSeconds ?? null],
		// Of a pool that would fail they tell how much room is left, to the byte.
		warnings: would === "fail-preflight" ? [] : warnings,
		operations: operations.map(operationFacts),
	}
}

function operationFacts(operation: PlannedOperation) {
	const { target, destination, change, drift, makes, faults, permissions } = operation
	return {
		target,
		destination,
		change,
		/** Null: no file, or one that cannot be read. */
		before: operation.digestBefore ?? null,
		sizeBefore: operation.sizeBefore ?? null,
		permissions: permissions ? [permissions.before, permissions.after] : null,
		writtenBy: operation.writtenBy ?? null,
		linkTo: operation.linkTo ?? null,
		drift,
		makes,
		faults,
	}
}
