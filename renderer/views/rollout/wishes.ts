import type { RolloutTarget, RolloutWish } from "../../../core/schema/rollout.ts"
import { numberOf } from "../../../core/schema/rollout-now.ts"
import { countWaves, goOnFrom } from "../../../core/schema/rollout-words.ts"
import { count } from "../../components/format.ts"
import type { RolloutView } from "../../stores/rollout-view.ts"

/** Something that a person may ask of a rollout as it stands. */
export interface Offer {
	wish: RolloutWish
	label: string
	/** What is asked before it is done, where it means many or cannot be taken back. */
	confirm?: { title: string; text: string; button: string; isGrave?: boolean }
	/** What somebody who looks at it most likely wants next. */
	isFirst?: boolean
}

/** What can be asked of a rollout, the most likely first. */
export function offersOf({ head, targets }: Pick<RolloutView, "head" | "targets">): Offer[] {
	switch (head.status.state) {
		case "running":
			return [pause, ...retryOf(targets), halt(targets), ...undoOf(targets)]
		case "gate":
			return [nextWave({ head, targets }), ...retryOf(targets), halt(targets), ...undoOf(targets)]
		case "paused":
			return [goOn({ head, targets }), ...retryOf(targets), halt(targets), ...undoOf(targets)]
		case "halted":
			return [retryHalted(targets), ...undoOf(targets)]
		case "finished":
			return [...retryOf(targets), ...undoOf(targets)]
		case "undoing":
			return [pause]
		case "undo-paused":
			return [{ ...goOn({ head, targets }), label: "Go on putting back" }, ...retryUndoOf(targets)]
		case "undone":
			return retryUndoOf(targets)
	}
}

const pause: Offer = { wish: { type: "pause" }, label: "Pause" }

function nextWave({ head, targets }: Pick<RolloutView, "head" | "targets">): Offer {
	const next = head.wave + 1
	const size = targets.filter(({ wave }) => wave === next).length
	const button = next < countWaves(targets) ? `Begin wave ${next + 1}` : "Go on"
	const text = `${head.module.name} ${head.module.version} goes to ${count(size, "more appliance")}. ${acceptWords(targets)}`
	return { wish: goOnFrom(head), label: button, isFirst: true, confirm: { title: `${button}?`, text, button } }
}

function goOn({ head, targets }: Pick<RolloutView, "head" | "targets">): Offer {
	const text = `It goes on where it stopped. ${acceptWords(targets)}`
	return {
		wish: goOnFrom(head),
		label: "Go on",
		isFirst: true,
		confirm: { title: "Go on?", text, button: "Go on" },
	}
}

/** What going on means for those that came to a bad end. */
function acceptWords(targets: readonly RolloutTarget[]): string {
	const failed = numberOf(targets, "failed", "degraded", "could not be put back")
	const away = numberOf(targets, "not reached", "connection lost", "given up", "end unknown")
	const parts = [failed > 0 && `${failed} that failed`, away > 0 && `${away} away or unknown`].filter(Boolean)
	if (parts.length === 0) return "Nobody has failed so far."
	return `You accept ${parts.join(" and ")}: they count towards the limits no more.`
}

/** Exactly those that failed or were given up. */
function retryable(targets: readonly RolloutTarget[]): number {
	return targets.filter(
		({ standing }) => standing.state === "expired" || (standing.state === "ended" && standing.outcome === "failed"),
	).length
}

function retryText(targets: readonly RolloutTarget[]): string {
	const degraded = numberOf(targets, "degraded")
	const rest = degraded > 0 ? ` ${count(degraded, "degraded appliance")} left out: a person must look there first.` : ""
	return `${count(retryable(targets), "appliance")} that failed or were given up; nothing that was applied is run again.${rest}`
}

function retryOf(targets: readonly RolloutTarget[]): Offer[] {
	const number = retryable(targets)
	if (number === 0) return []
	const label = `Retry ${number}`
	const text = `Tries again: ${retryText(targets)} Then the rollout goes on.`
	return [{ wish: { type: "retry" }, label, confirm: { title: `${label}?`, text, button: label } }]
}

/** A retry, also where nobody failed: whoever still waits is begun. */
function retryHalted(targets: readonly RolloutTarget[]): Offer {
	const number = retryable(targets)
	const label = number === 0 ? "Retry" : `Retry ${number}`
	const text = `${number === 0 ? "" : `Tries again: ${retryText(targets)} `}The waves go on where they were halted.`
	return { wish: { type: "retry" }, label, confirm: { title: `${label}?`, text, button: label } }
}

function retryUndoOf(targets: readonly RolloutTarget[]): Offer[] {
	const number = targets.filter(({ applied }) => applied.some(({ undo }) => undo?.state === "failed")).length
	if (number === 0) return []
	const text = `Tries again to put back what was applied, on ${count(number, "appliance")} where that failed.`
	const label = `Retry ${number}`
	return [{ wish: { type: "retry" }, label, confirm: { title: `${label}?`, text, button: label } }]
}

function halt(targets: readonly RolloutTarget[]): Offer {
	const busy = numberOf(targets, "running")
	const rest = busy > 0 ? ` What is under way on ${count(busy, "appliance")} comes to its end.` : ""
	const text = `Nothing more begins, in this wave or a later one.${rest} Only a retry, or putting back, starts anything then.`
	return {
		wish: { type: "halt" },
		label: "Halt",
		confirm: { title: "Halt this rollout?", text, button: "Halt", isGrave: true },
	}
}

function undoOf(targets: readonly RolloutTarget[]): Offer[] {
	const number = targets.filter(({ applied }) => applied.some(({ undo }) => undo?.state !== "undone")).length
	if (number === 0) return []
	const text = `Puts back exactly the pools that this rollout applied, on ${count(number, "appliance")}, the last pool first. No further wave begins.`
	return [
		{
			wish: { type: "undo" },
			label: "Put back",
			confirm: { title: "Put back what was applied?", text, button: `Put back on ${number}`, isGrave: true },
		},
	]
}

/** Leaves out appliances that have not begun. */
export function skipOf(targets: readonly RolloutTarget[]): Offer {
	const [first] = targets
	const name = targets.length === 1 && first ? first.name : count(targets.length, "appliance")
	return {
		wish: { type: "skip", applianceIds: targets.map(({ applianceId }) => applianceId) },
		label: `Skip ${targets.length === 1 ? "it" : targets.length}`,
		confirm: {
			title: `Skip ${name}?`,
			text: skipText(targets),
			button: `Skip ${name}`,
		},
	}
}

/** A run that may have begun, where the connection was lost, is not undone by leaving the appliance out. */
function skipText(targets: readonly RolloutTarget[]): string {
	const lost = numberOf(targets, "connection lost")
	const [it, is] = targets.length === 1 ? ["it", "it is"] : ["them", "they are"]
	const text = `This rollout leaves ${it} out: nothing more begins there, and ${is} waited for no more.`
	if (lost === 0) return text
	const where = targets.length === 1 ? "it" : count(lost, "appliance")
	return `${text} The connection to ${where} was lost during a run: how that goes on, or ends, nobody knows.`
}
