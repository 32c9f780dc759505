import { FailureError } from "../../schema/failure.ts"
import { listPlanChanges } from "../../schema/plan-changes.ts"
import type { PlanFacts } from "../../schema/plan-facts.ts"
import { digestOf } from "../digest.ts"

/** Different plans whose facts are kept, so that it can be said what changed; hundreds of appliances share one. */
const KEPT = 1000
/** Changes that a failure tells one by one. */
const TOLD = 20

/** Plans that were made for a person to look at, by the digest of what a person decides by. */
export function createReviewedPlans() {
	const kept = new Map<string, PlanFacts>()
	return {
		/** The digest by which a start can name the plan. */
		keep(facts: PlanFacts): string {
			const digest = nameOf(facts)
			kept.delete(digest)
			kept.set(digest, facts)
			const [oldest] = kept.keys()
			if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest)
			return digest
		},
		/** Fails with `plan-changed` unless these facts are the ones that were looked at; undefined: none were. */
		require(reviewed: string | undefined, facts: PlanFacts): void {
			if (nameOf(facts) === reviewed) return
			if (reviewed === undefined) throw new FailureError("plan-changed", { reason: "never-seen" })
			const before = kept.get(reviewed)
			throw new FailureError("plan-changed", before ? { changes: shorten(listPlanChanges(before, facts)) } : {})
		},
	}
}

function shorten(changes: string[]): string[] {
	const more = changes.length - TOLD
	return more > 0 ? [...changes.slice(0, TOLD), `and ${more} more`] : changes
}

function nameOf(facts: PlanFacts): string {
	return digestOf(JSON.stringify(facts))
}
