import { type ExpectedDuration, expectDuration, type PoolDuration } from "../../../core/schema/expect-duration.ts"
import type { Plan, PlannedOperation } from "../../../core/schema/plan.ts"
import { count } from "../../components/format.ts"
import type { PlanState } from "../../stores/workspace.ts"

/** One appliance of a review: what its plan comes to. */
export interface ReviewRow {
	id: string
	name: string
	state: PlanState["state"]
	plan?: Plan & { digest: string }
	/** Destinations that somebody changed since we wrote them. */
	drift: string[]
	/** Pools that would fail before anything is touched. */
	blocked: number
	warnings: number
	isRefused: boolean
	isShort: boolean
	expected?: ExpectedDuration | undefined
	/** Other appliances with the very same plan. */
	alike: number
}

/** What needs a look first, most urgent first; of the same urgency as they were given. */
export function makeReviewRows(
	appliances: readonly { id: string; name: string }[],
	plans: Record<string, PlanState>,
	durations: readonly PoolDuration[],
): ReviewRow[] {
	const digests = Object.values(plans).flatMap((state) => (state.state === "made" ? [state.plan.digest] : []))
	const frequency = new Map<string, number>()
	for (const digest of digests) frequency.set(digest, (frequency.get(digest) ?? 0) + 1)
	const rows = appliances.flatMap(({ id, name }) => {
		const state = plans[id]
		return state ? [makeRow(id, name, state, frequency, durations)] : []
	})
	return rows.sort((a, b) => urgencyOf(a) - urgencyOf(b))
}

function makeRow(
	id: string,
	name: string,
	state: PlanState,
	frequency: ReadonlyMap<string, number>,
	durations: readonly PoolDuration[],
): ReviewRow {
	const row = { id, name, state: state.state, drift: [], blocked: 0, warnings: 0, isRefused: false, isShort: false }
	if (state.state !== "made") return { ...row, alike: 0 }
	const { plan } = state
	const runs = plan.pools.filter(({ would }) => would === "apply").map(({ pool }) => pool)
	return {
		...row,
		plan,
		drift: driftOf(plan),
		blocked: plan.pools.filter(({ would }) => would === "fail-preflight").length,
		warnings: warningsOf(plan),
		isRefused: plan.refusal !== undefined,
		isShort: plan.space.freeBytes < plan.space.neededBytes,
		expected: expectDuration(durations, id, runs),
		alike: (frequency.get(plan.digest) ?? 1) - 1,
	}
}

function urgencyOf({ state, isRefused, isShort, blocked, drift, warnings }: ReviewRow): number {
	if (state === "failed" || isRefused || isShort || blocked > 0) return 0
	if (drift.length > 0) return 1
	if (warnings > 0) return 2
	return state === "made" ? 3 : 4
}

function operationsOf(plan: Plan): PlannedOperation[] {
	return plan.pools.filter(({ would }) => would !== "skip" && would !== "unchanged").flatMap((pool) => pool.operations)
}

function driftOf(plan: Plan): string[] {
	const changed = operationsOf(plan).filter(({ drift, change }) => drift === "changed" && change !== "unchanged")
	return [...new Set(changed.map(({ destination }) => destination))]
}

/** Of this appliance: the module's own findings are the same everywhere and stand beside its index. */
function warningsOf({ pools, findings, interrupted, running }: Plan): number {
	const ofPools = pools.filter(({ would }) => would === "apply").flatMap(({ warnings }) => warnings)
	return ofPools.length + findings.filter(isOfAppliance).length + interrupted.length + (running ? 1 : 0)
}

export function isOfAppliance({ rule }: { rule: string }): boolean {
	return rule === "command-missing" || rule === "unit-missing"
}

/** "2 new files, 3 replaced, 1 unchanged". */
export function changeWords(plan: Plan): string {
	const operations = plan.pools.filter((pool) => pool.would !== "skip").flatMap((pool) => pool.operations)
	const number = (change: string) => operations.filter((one) => one.change === change).length
	const parts = [
		number("create") > 0 && count(number("create"), "new file"),
		number("replace") > 0 && `${number("replace")} replaced`,
		number("mode-only") > 0 && `${number("mode-only")} only other permissions`,
		number("restore-original") > 0 && `${number("restore-original")} back to the original`,
		number("remove") > 0 && `${number("remove")} removed`,
		number("unchanged") > 0 && `${number("unchanged")} unchanged`,
		number("blocked") > 0 && `${number("blocked")} blocked`,
	].filter((part) => part !== false)
	return parts.join(", ") || "nothing to do"
}

/** "about 40 s"; whole seconds, an estimate has no others. */
export function aboutWords({ milliseconds }: ExpectedDuration): string {
	const seconds = Math.round(milliseconds / 1000)
	if (seconds < 1) return "under 1 s"
	if (seconds < 60) return `about ${seconds} s`
	return `about ${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`
}

/** "about 40 s (from 6 runs)". */
export function expectedWords(expected: ExpectedDuration | undefined): string {
	return expected ? `${aboutWords(expected)} (from ${count(expected.runs, "run")})` : "no run to go by"
}

/** "20 appliances: 12 ready, 3 changed by somebody, 5 still to answer". */
export function reviewWords(rows: readonly ReviewRow[]): string {
	const asked = rows.filter(({ state }) => state === "planning").length
	if (asked > 0) return `${rows.length - asked} of ${rows.length} answered`
	const number = (urgency: number) => rows.filter((row) => urgencyOf(row) === urgency).length
	const parts = [
		number(0) > 0 && `${number(0)} would not run as they should`,
		number(1) > 0 && `${number(1)} changed by somebody`,
		number(2) > 0 && `${number(2)} with warnings`,
		number(3) > 0 && `${number(3)} without a doubt`,
	].filter((part) => part !== false)
	return `${count(rows.length, "appliance")}: ${parts.join(", ")}`
}
