import type { RolloutTarget } from "../../../core/schema/rollout.ts"
import { numberOf } from "../../../core/schema/rollout-now.ts"
import { countWaves } from "../../../core/schema/rollout-words.ts"
import type { RolloutView } from "../../stores/rollout-view.ts"

type Shown = Pick<RolloutView, "head" | "targets">

/** Whether nothing goes on before a person has decided. */
export function needsPerson({ status }: Pick<RolloutView["head"], "status">): boolean {
	if (status.state === "gate") return status.until === undefined
	return (status.state === "paused" || status.state === "undo-paused") && status.why !== "person"
}

/** Ends without which a pace would be a guess. */
const ENOUGH = 5

/** How long it will go on at the pace of now, milliseconds: to the next gate where a person decides; undefined where nobody can say. */
export function expectedMs({ head, targets, ends }: RolloutView): number | undefined {
	const [first = 0] = ends
	const span = (ends.at(-1) ?? 0) - first
	if (head.status.state !== "running" || ends.length < ENOUGH || span <= 0) return undefined
	const { gate } = head.policy
	const open = targets.filter(
		({ wave, standing }) =>
			(standing.state === "waiting" || standing.state === "started") && (gate.kind !== "person" || wave <= head.wave),
	)
	const soaks = gate.kind === "soak" ? (countWaves(targets) - 1 - head.wave) * gate.seconds * 1000 : 0
	return (open.length * span) / (ends.length - 1) + soaks
}

/** "about 40 s", "about 14 min", "about 3 h": no more exact than it is known. */
export function aboutWords(milliseconds: number): string {
	const seconds = milliseconds / 1000
	if (seconds < 90) return `about ${Math.max(10, Math.ceil(seconds / 10) * 10)} s`
	if (seconds < 90 * 60) return `about ${Math.round(seconds / 60)} min`
	return `about ${Math.round(seconds / 3600)} h`
}

/** How one wave stands; `ofWave`: those who are in it. */
export function laneWords(
	{ wave: current, status }: Shown["head"],
	ofWave: readonly RolloutTarget[],
	wave: number,
): string {
	switch (status.state) {
		case "undone":
			return "putting back has ended"
		case "undo-paused":
			return "putting back is stopped"
		case "undoing":
			return "being put back as a whole"
	}
	if (wave > current) return status.state === "halted" ? "not begun" : "to come"
	const trying = numberOf(ofWave, "waiting", "running", "not reached", "connection lost")
	if (wave < current) return trying > 0 && status.state !== "halted" ? `passed, ${trying} still tried` : "ended"
	if (status.state === "finished" || status.state === "gate") return "ended"
	return status.state === "running" ? "under way" : "stopped"
}
