import { plainText } from "../schema/plain-text.ts"
import type { Rollout, RolloutTarget, RolloutWish } from "../schema/rollout.ts"
import { nameWords } from "./rollout-display.ts"

/** What is asked before a rollout begins; undefined where one appliance alone is meant. */
export function startQuestion({ module, targets }: Rollout): string | undefined {
	if (targets.length === 1) return undefined
	return `Begin ${plainText(`${module.name} ${module.version}`)} on ${whoWords(targets)}? [yes/no] `
}

/** What is asked before many appliances are meant by a word; undefined where nothing is to be asked. */
export function wishQuestion({ targets }: Rollout, { type }: RolloutWish): string | undefined {
	if (type === "undo") return `Put back what was applied on ${whoWords(targets.filter(isTouched))}? [yes/no] `
	if (type !== "halt") return undefined
	return `Halt it, so that nothing starts on ${whoWords(targets.filter(isToCome))}? [yes/no] `
}

/** Something stands applied there, or may once its run has ended. */
function isTouched({ standing, applied }: RolloutTarget): boolean {
	const isOpen = standing.state === "started" || standing.state === "lost"
	return isOpen || applied.some(({ undo }) => undo?.state !== "undone")
}

function isToCome({ standing }: RolloutTarget): boolean {
	return standing.state === "waiting" || standing.state === "pending"
}

function whoWords(targets: RolloutTarget[]): string {
	if (targets.length === 0) return "no appliance"
	const names = nameWords(targets)
	return `${targets.length} appliance${targets.length === 1 ? "" : "s"} (${names})`
}
