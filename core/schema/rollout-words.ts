import type { Failure } from "./failure.ts"
import type {
	Budget,
	Gate,
	Pause,
	Rollout,
	RolloutPolicy,
	RolloutStatus,
	RolloutSummary,
	RolloutTarget,
	RolloutWish,
	Standing,
} from "./rollout.ts"

/** How an appliance stands, in one word; in the order in which they are told. */
export const standingWords = [
	"degraded",
	"could not be put back",
	"failed",
	"connection lost",
	"not reached",
	"end unknown",
	"given up",
	"running",
	"putting back",
	"waiting",
	"skipped",
	"put back",
	"unchanged",
	"applied",
] as const
export type StandingWord = (typeof standingWords)[number]

/** What is amiss, or goes on, on an appliance goes before what was put back there. */
export function standingWord({ standing, applied }: RolloutTarget): StandingWord {
	const word = wordOfStanding(standing)
	const isOpen = word === "degraded" || word === "running" || word === "connection lost" || word === "end unknown"
	return isOpen ? word : (wordOfUndo(applied) ?? word)
}

/** Whether one that was away is tried again now, and not heard of yet: a run, or an undoing. */
export function isTriedAgain<One extends { state: string }>(
	one: One | undefined,
): one is One & { state: "started"; failure: Failure } {
	return one?.state === "started" && "failure" in one && one.failure !== undefined
}

function wordOfStanding(standing: Standing): StandingWord {
	switch (standing.state) {
		case "ended":
			return isForgotten(standing) ? "end unknown" : standing.outcome
		case "started":
			// Until it is heard of nothing has changed.
			return isTriedAgain(standing) ? "not reached" : "running"
		case "lost":
			return "connection lost"
		case "pending":
			return "not reached"
		case "expired":
			return standing.run === undefined ? "given up" : "end unknown"
		default:
			return standing.state
	}
}

/** The appliance, or this desktop, cannot tell any more what became of its run. */
function isForgotten({ failure }: Extract<Standing, { state: "ended" }>): boolean {
	return failure?.code === "unknown-run" || (failure?.code === "not-found" && failure.data.kind === "run")
}

function wordOfUndo(applied: RolloutTarget["applied"]): StandingWord | undefined {
	// Asked of every appliance at each step: nearly always there is nothing to tell.
	if (!applied.some(({ undo }) => undo)) return undefined
	const states = applied.flatMap(({ undo }) => undo?.state ?? [])
	if (applied.some(({ undo }) => undo?.state === "failed" && undo.isDegraded)) return "degraded"
	if (states.includes("failed")) return "could not be put back"
	if (states.includes("lost")) return "connection lost"
	if (applied.some(({ undo }) => undo?.state === "pending" || isTriedAgain(undo))) return "not reached"
	if (states.includes("started")) return "putting back"
	return states.length === applied.length ? "put back" : "putting back"
}

export type StandingCount = { word: StandingWord; count: number }

/** How many appliances stand in which way, by word; only what there is. */
export function countsOf(targets: readonly RolloutTarget[]): Record<string, number> {
	const counts: Record<string, number> = {}
	for (const target of targets) {
		const word = standingWord(target)
		counts[word] = (counts[word] ?? 0) + 1
	}
	return counts
}

/** The same in the order in which it is told: those that need a person first. */
export function orderCounts(counts: Readonly<Record<string, number>>): StandingCount[] {
	return standingWords.flatMap((word) => {
		const count = counts[word]
		return count === undefined ? [] : [{ word, count }]
	})
}

export const countStandings = (targets: readonly RolloutTarget[]): StandingCount[] => orderCounts(countsOf(targets))

/** "1 failed, 49 applied". */
export function countWords(counts: readonly StandingCount[]): string {
	return counts.map(({ word, count }) => `${count} ${word}`).join(", ")
}

/** A rollout as a row of a list. */
export function summarise({ targets, borne: _, ...head }: Rollout): RolloutSummary {
	const row = { ...head, total: targets.length, waves: countWaves(targets), counts: countsOf(targets) }
	return head.status.state === "gate" && !isProved(targets, head.wave) ? { ...row, isUnproved: true } : row
}

/** Whether anybody of a wave came to an end. */
export function isProved(targets: readonly RolloutTarget[], wave: number): boolean {
	return targets.some((target) => target.wave === wave && target.standing.state === "ended")
}

export function countWaves(targets: readonly Pick<RolloutTarget, "wave">[]): number {
	return targets.reduce((most, { wave }) => Math.max(most, wave + 1), 0)
}

/** Targets by their wave. */
export function wavesOf(targets: readonly RolloutTarget[]): RolloutTarget[][] {
	const waves: RolloutTarget[][] = []
	for (const target of targets) {
		waves[target.wave] ??= []
		waves[target.wave]?.push(target)
	}
	return waves
}

const PAUSES: Record<Pause, string> = {
	person: "paused",
	failures: "stopped: too many appliances failed",
	degraded: "stopped: an appliance is degraded, a person must look",
	unreachable: "stopped: too many appliances cannot be reached",
	desktop: "stopped: something is amiss on this desktop",
}

/** What a rollout does or waits for, for a person: lowercase, no full stop. */
export function statusWords({ status, counts, isUnproved }: Told): string {
	switch (status.state) {
		case "gate":
			if (isUnproved) return "nobody of the wave came to an end yet, so nothing is proved; it waits for your word"
			return status.until === undefined
				? "the wave has ended and waits for your word"
				: `the wave has ended; the next one begins at ${new Date(status.until).toISOString()}`
		case "paused":
			return PAUSES[status.why]
		case "undoing":
			return "putting back what was applied"
		case "undo-paused":
			return `the putting back is ${status.why === "failures" ? "stopped: it failed too often" : PAUSES[status.why]}`
		case "halted":
			return `halted: nothing starts any more${underWayWords(counts)}`
		case "undone":
			return undoneWords(counts)
		default:
			return status.state
	}
}

/** What is told of a rollout in its row of a list. */
type Told = { status: RolloutStatus; counts: Record<string, number>; isUnproved?: boolean | undefined }

function underWayWords(counts: Record<string, number>): string {
	const count = (counts.running ?? 0) + (counts["putting back"] ?? 0)
	return count === 0 ? "" : `, ${count} still under way`
}

function undoneWords(counts: Record<string, number>): string {
	const parts = [
		[counts["could not be put back"], "where that failed"],
		[counts.degraded, "that is degraded"],
		[counts["end unknown"], "of which nobody knows what was applied"],
	].flatMap(([count, what]) => (count ? `${count} ${what}` : []))
	return parts.length === 0
		? "everything that was applied was put back"
		: `put back what was applied, but for ${parts.join(", ")}`
}

/** Whether it goes on by itself, now or later. */
export function goesOn({ status, targets, policy, wave }: Rollout): boolean {
	const isAtGate = status.state === "gate"
	// Whoever is just tried again changes nothing about what a gate waits for.
	const isUnderWay = ({ standing, applied }: RolloutTarget) =>
		(standing.state === "started" && !(isAtGate && isTriedAgain(standing))) || applied.some(isBeingUndone)
	if (targets.some(isUnderWay)) return true
	if (status.state !== "gate") return status.state === "running" || status.state === "undoing"
	if (status.until !== undefined) return true
	// Nobody of the wave was there: whoever comes back may prove it yet.
	return (
		policy.gate.kind !== "person" &&
		targets.some((target) => target.wave <= wave && standingWord(target) === "not reached")
	)
}

function isBeingUndone({ undo }: RolloutTarget["applied"][number]): boolean {
	return undo?.state === "started"
}

/** Going on from where it stands as it is shown: of two who say so at one gate only the first passes it. */
export function goOnFrom({ wave, status }: Pick<Rollout, "wave" | "status">): RolloutWish {
	return { type: "go-on", at: { wave, ...("why" in status && { why: status.why }) } }
}

/** Whether an appliance can be left out. */
export function isSkippable({ standing }: Pick<RolloutTarget, "standing">): boolean {
	const { state } = standing
	return state === "waiting" || state === "pending" || state === "lost" || isTriedAgain(standing)
}

/** How many of `total` are too many; infinite where the budget names no limit. */
export function limitOf({ count, percent }: Budget, total: number): number {
	const part = percent === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor((total * percent) / 100))
	return Math.min(count ?? Number.POSITIVE_INFINITY, part)
}

/**
 * "stop after 3 failures or 5 % (2 of 40), whichever comes first": what a budget means for so many appliances; without
 * `total`, as of each wave, a part is of what nobody can say in numbers.
 */
export function budgetWords(budget: Budget, total: number | undefined, what: string): string {
	const { count, percent } = budget
	const parts = [
		count !== undefined && `${count} ${what}`,
		percent !== undefined && `${percent} %${total ? ` (${limitOf({ percent }, total)} of ${total})` : ""}`,
	].filter((part) => part !== false)
	if (parts.length === 0) return `never stop for ${what}`
	return `stop after ${parts.join(" or ")}${parts.length > 1 ? ", whichever comes first" : ""}`
}

/** When failures stop it; `total` as above. */
export function failureWords(budget: Budget, total: number | undefined): string {
	return budgetWords(budget, total, budget.count === 1 ? "failure" : "failures")
}

/** What is between a wave and the next one. */
export function gateWords(gate: Gate): string {
	switch (gate.kind) {
		case "none":
			return "then the next wave begins at once"
		case "person":
			return "then it waits for your word"
		case "soak":
			return `then it waits ${secondsWords(gate.seconds)}`
	}
}

/** "90 s", "5 min", "2 h", "7 days". */
export function secondsWords(seconds: number): string {
	const units = [
		[24 * 3600, "days"],
		[3600, "h"],
		[60, "min"],
	] as const
	const [size, unit] = units.find(([size]) => seconds >= 2 * size && seconds % size === 0) ?? [1, "s"]
	return `${seconds / size} ${unit}`
}

/** What the limits of a rollout mean for so many appliances, each under its name. */
export function policyRows({ budget, unreachable, gate, atOnce, perJump }: RolloutPolicy, total: number) {
	const away = limitOf(unreachable.budget, total)
	const stop = Number.isFinite(away) ? `stop after ${away}` : "never stop for it"
	const { retrySeconds, expireSeconds } = unreachable
	return [
		["Whole", failureWords(budget.whole, total)],
		["Each wave", `${failureWords(budget.wave, undefined)}; ${gateWords(gate)}`],
		["Degraded", "one stops it, always"],
		[
			"Not reached",
			`not failed: tried again every ${secondsWords(retrySeconds)}, given up after ${secondsWords(expireSeconds)}; ${stop}`,
		],
		["At once", `${atOnce} at the same time, ${perJump} of them behind one jump host`],
	] as const
}

/** Careful where nobody says otherwise. */
export const defaultPolicy: RolloutPolicy = {
	waves: [{ count: 1 }, { percent: 5 }, { percent: 20 }],
	gate: { kind: "none" },
	atOnce: 10,
	perJump: 8,
	budget: { wave: { count: 1 }, whole: { count: 3, percent: 5 } },
	unreachable: { budget: { percent: 20 }, retrySeconds: 300, expireSeconds: 7 * 24 * 3600 },
}
