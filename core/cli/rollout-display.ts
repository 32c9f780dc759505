import { isDeepStrictEqual } from "node:util"
import { plainText } from "../schema/plain-text.ts"
import type { Rollout, RolloutStatus, RolloutTarget } from "../schema/rollout.ts"
import {
	countStandings,
	countsOf,
	countWaves,
	countWords,
	policyRows,
	type StandingWord,
	standingWord,
	statusWords,
	summarise,
	wavesOf,
} from "../schema/rollout-words.ts"
import { sentenceOf } from "../schema/sentences.ts"
import { someOf } from "../schema/some-of.ts"
import { createStatusLine, paint } from "./terminal.ts"

/** Shows a rollout as it goes on: a line for each appliance that comes to an end, and how all stand at the bottom. */
export function createRolloutDisplay(json: boolean) {
	const told = new Map<string, StandingWord>()
	let status: RolloutStatus | undefined
	const bottom = createStatusLine()

	return {
		show(rollout: Rollout): void {
			bottom.clear()
			for (const target of rollout.targets) {
				const word = standingWord(target)
				if (word === (told.get(target.applianceId) ?? "waiting")) continue
				told.set(target.applianceId, word)
				if (json) console.log(JSON.stringify(targetEvent(rollout, target)))
				else if (word !== "running") for (const line of targetLines(target)) console.log(line)
			}
			const isOther = !isDeepStrictEqual(rollout.status, status)
			if (isOther && json) console.log(JSON.stringify(statusEvent(rollout)))
			else if (isOther && rollout.status.state !== "running")
				console.log(paint("bold", statusWords(summarise(rollout))))
			status = rollout.status
			if (!json) bottom.show(`  ... ${summaryLine(rollout)}`)
		},
		close: () => bottom.clear(),
	}
}

const isAbsent = (word: StandingWord) => word === "not reached" || word === "connection lost"

function statusEvent({ id, status, wave, targets }: Rollout) {
	return { type: "rollout", rollout: id, status, wave, counts: countsOf(targets) }
}

function targetEvent({ id }: Rollout, { applianceId, name, wave, standing, applied }: RolloutTarget) {
	return { type: "appliance", rollout: id, applianceId, appliance: name, wave, standing, applied }
}

function targetLines(target: RolloutTarget): string[] {
	const { standing, name, wave } = target
	const word = standingWord(target)
	const isBad = word === "degraded" || word === "could not be put back"
	const mark = isBad ? paint(["bold", "red"], `✖ ${word}`) : word === "failed" ? paint("yellow", `↩ ${word}`) : word
	const line = `wave ${wave + 1}  ${plainText(name)}  ${mark}`
	const failure = "failure" in standing ? standing.failure : undefined
	return failure ? [line, `    ${sentenceOf(failure).what}`] : [line]
}

/** "wave 2 of 4: 1 failed, 3 running, 36 waiting, 12 applied". */
export function summaryLine({ wave, targets }: Rollout): string {
	return `wave ${wave + 1} of ${countWaves(targets)}: ${countWords(countStandings(targets))}`
}

/** What a rollout would do, before it does it. */
export function previewLines({ targets, policy, module }: Rollout): string[] {
	const waves = wavesOf(targets)
	return [
		paint(
			"bold",
			plainText(`${module.name} ${module.version} to ${targets.length} appliances in ${waves.length} waves`),
		),
		...waves.map(
			(wave, index) => `  wave ${index + 1}${index === 0 ? " (canary)" : ""}: ${wave.length}: ${nameWords(wave)}`,
		),
		...policyRows(policy, targets.length).map(([name, words]) => `  ${name.toLowerCase()}: ${words}`),
	]
}

/** "a, b, c and 5 more". */
export function nameWords(targets: readonly RolloutTarget[]): string {
	return someOf(targets, 8, ({ name }) => plainText(name))
}

/** One rollout as a line of a list. */
export function listLine(rollout: Rollout): string {
	const { id, module, createdAt } = rollout
	return `${id}  ${createdAt}  ${plainText(`${module.name} ${module.version}`)}  ${statusWords(summarise(rollout))}  (${summaryLine(rollout)})`
}

const OFFERS = {
	resume: "goes on",
	retry: "tries those that failed or were given up again, then goes on with the waves",
	undo: "puts back what was applied",
	retryUndo: "tries again where putting back failed",
} as const

/** What a person can say next, where nothing goes on by itself. */
export function nextWords(rollout: Rollout): string {
	const { id, status } = rollout
	const hasEnded = status.state === "finished" || status.state === "undone"
	const offers = offersOf(rollout).map((offer) => {
		const command = offer === "retryUndo" ? "retry" : offer
		return `\`hotfix rollout ${command} ${id}\` ${OFFERS[offer]}`
	})
	return [...(hasEnded ? [`rollout ${id} has ended`] : []), ...offers].join("\n")
}

/** Who goes on with those that are left, where this program does not. */
export function awayWords({ id, targets }: Rollout): string {
	const count = targets.filter((target) => isAbsent(standingWord(target))).length
	return `${count} away: tried again by the app while it is open, and by \`hotfix rollout retry ${id}\`; --wait waits for them`
}

function offersOf({ status, targets }: Rollout): (keyof typeof OFFERS)[] {
	const words = new Set(targets.map(standingWord))
	const canRetry = words.has("failed") || words.has("given up") || words.has("end unknown")
	switch (status.state) {
		case "finished":
			return canRetry ? ["retry", "undo"] : words.has("degraded") ? ["undo"] : []
		case "undone":
			return words.has("could not be put back") ? ["retryUndo"] : []
		case "undoing":
		case "undo-paused":
			return words.has("could not be put back") ? ["resume", "retryUndo"] : ["resume"]
		case "halted":
			return ["retry", "undo"]
		default:
			return canRetry ? ["resume", "retry", "undo"] : ["resume", "undo"]
	}
}
