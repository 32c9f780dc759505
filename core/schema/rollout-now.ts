import { count, sentence } from "./phrases.ts"
import type { RolloutHead, RolloutTarget } from "./rollout.ts"
import {
	countStandings,
	countsOf,
	countWaves,
	countWords,
	isProved,
	standingWord,
	statusWords,
} from "./rollout-words.ts"

/** A rollout with its appliances apart. */
type Told = { head: RolloutHead; targets: readonly RolloutTarget[] }

/** How many appliances stand in one of these ways. */
export function numberOf(targets: readonly RolloutTarget[], ...words: string[]): number {
	return targets.filter((target) => words.includes(standingWord(target))).length
}

/** What a rollout does now, or waits for, as one sentence. */
export function nowWords({ head, targets }: Told): string {
	const { status, wave } = head
	const standings = countWords(countStandings(targets.filter((target) => target.wave === wave)))
	const waves = countWaves(targets)
	switch (status.state) {
		case "running":
			return runningWords(targets, wave, waves)
		case "gate":
			if (status.until !== undefined) return `Wave ${wave + 1} has ended: ${standings}.`
			return isProved(targets, wave)
				? `It waits for you: wave ${wave + 1} has ended, ${standings}.`
				: `It waits for you: nobody of wave ${wave + 1} came to an end (${standings}), so nothing is proved.`
		case "paused":
		case "undo-paused": {
			const busy = numberOf(targets, "running", "putting back")
			const rest = busy > 0 ? ` ${count(busy, "appliance")} still at work.` : " Nothing is under way."
			return `${sentence(statusWords({ status, counts: {} }))}${rest}`
		}
		case "undoing":
			return `Putting back what was applied: ${numberOf(targets, "put back")} of ${touchedBy(targets)} done.`
		case "finished":
			return `Finished: ${countWords(countStandings(targets))}.`
		default:
			return sentence(statusWords({ status, counts: countsOf(targets) }))
	}
}

function runningWords(targets: readonly RolloutTarget[], wave: number, waves: number): string {
	const open = targets.filter((target) => target.wave <= wave)
	const parts = [
		[numberOf(open, "running"), "at work"],
		[numberOf(open, "waiting"), "to come"],
		[numberOf(open, "not reached", "connection lost"), "not reached now and tried again"],
	] as const
	const words = parts.flatMap(([number, what]) => (number > 0 ? `${number} ${what}` : []))
	return `Wave ${wave + 1} of ${waves}: ${words.join(", ") || "settling"}.`
}

/** Appliances on which the rollout has applied something. */
function touchedBy(targets: readonly RolloutTarget[]): number {
	return targets.filter(({ applied }) => applied.length > 0).length
}
