import type { Failure } from "../../schema/failure.ts"
import type { Plan, PlannedPool } from "../../schema/plan.ts"
import type { Preparation, PreparedFinding } from "../../schema/rollout-prepare.ts"
import { type Weight, weightOf } from "../../schema/rollout-prepare-words.ts"
import { boundFailure, boundText } from "./bounds.ts"

/** Findings of one appliance that are told; of more it is said how many there are. */
const MAX_FINDINGS = 100

/** Facts that differ from one appliance to the next where the cause is the same. */
const OWN_FACTS = ["host", "port", "fingerprint", "keyType", "known", "line", "target", "run", "since", "by", "banner"]
OWN_FACTS.push("neededBytes", "freeBytes", "received", "output")
/** What the module's own text says is told elsewhere; these are about the appliance. */
const ON_APPLIANCE: ReadonlySet<string> = new Set(["command-missing", "unit-missing"])

const ORDER: readonly Weight[] = ["stops", "mind", "told"]

/** A failure without what only one appliance has; its sentence then speaks of "the appliance". */
export function commonFailure({ code, data }: Failure): Failure {
	const common = Object.entries(data).filter(([fact]) => !OWN_FACTS.includes(fact))
	return boundFailure({ code, data: Object.fromEntries(common) })
}

/** What a plan says that a person should know before the run, what hinders first; however much an appliance says. */
export function findingsOf(plan: Plan): PreparedFinding[] {
	const { running, interrupted, refusal, pools, findings } = plan
	const isIdle = refusal === undefined && pools.every(({ would }) => would === "unchanged" || would === "skip")
	return boundFindings([
		...(running ? [failed("busy")] : []),
		...(refusal === undefined ? [] : [{ kind: "refused" as const, reason: boundText(refusal) }]),
		...(isShort(plan) ? [failed("disk-full")] : []),
		...pools.flatMap((pool) => poolFindings(pool, isShort(plan))),
		...findings
			.filter(({ rule }) => ON_APPLIANCE.has(rule))
			.map(({ message, remedy }) => ({ kind: "warning" as const, text: boundText(`${message}: ${remedy}`) })),
		...(interrupted.length > 0 ? [{ kind: "interrupted" as const }] : []),
		...(isIdle ? [{ kind: "nothing-to-do" as const }] : []),
	])
}

function boundFindings(findings: PreparedFinding[]): PreparedFinding[] {
	if (findings.length <= MAX_FINDINGS) return findings
	const ordered = findings.sort(byWeight)
	const more = `${findings.length - MAX_FINDINGS} more findings, which are not shown`
	return [...ordered.slice(0, MAX_FINDINGS), { kind: "warning", text: more }]
}

function byWeight(a: PreparedFinding, b: PreparedFinding): number {
	return ORDER.indexOf(weightOf(a)) - ORDER.indexOf(weightOf(b))
}

function failed(code: Failure["code"]): PreparedFinding {
	return { kind: "failure", failure: { code, data: {} } }
}

function isShort({ space, spaces, pools }: Plan): boolean {
	const wouldWrite = pools.some(({ would }) => would === "apply" || would === "fail-preflight")
	return (
		wouldWrite && (spaces.length > 0 ? spaces : [space]).some(({ neededBytes, freeBytes }) => neededBytes > freeBytes)
	)
}

function poolFindings({ pool, would, operations, warnings }: PlannedPool, isShort: boolean): PreparedFinding[] {
	const name = boundText(pool)
	if (would === "apply") return warnings.map((text) => ({ kind: "warning", pool: name, text: boundText(text) }))
	if (would !== "fail-preflight") return []
	const faults = operations.flatMap(({ destination, faults }) =>
		faults.map((fault) => (fault.startsWith(destination) ? fault : `${destination}: ${fault}`)),
	)
	// The only other reasons are in the warnings; too little room is said already.
	const reasons = faults.length > 0 || isShort ? faults : warnings
	return reasons.map((reason) => ({ kind: "blocked", pool: name, reason: boundText(reason) }))
}

/** What was found, by cause: what hinders first, then by the number of appliances. */
export function groupFindings(
	found: readonly { place: number; findings: readonly PreparedFinding[] }[],
): Preparation["findings"] {
	const groups = new Map<string, Preparation["findings"][number]>()
	for (const { place, findings } of found)
		for (const finding of findings) {
			const key = JSON.stringify(finding)
			const group = groups.get(key) ?? { finding, places: [] }
			if (group.places.at(-1) !== place) group.places.push(place)
			groups.set(key, group)
		}
	return [...groups.values()].sort((a, b) => byWeight(a.finding, b.finding) || b.places.length - a.places.length)
}
