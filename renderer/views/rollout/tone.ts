import { countStandings } from "../../../core/schema/rollout-words.ts"
import type { Tone } from "../../components/outcome.tsx"
import type { RolloutView } from "../../stores/rollout-view.ts"
import { looks } from "./standing-look.tsx"
import { needsPerson } from "./words.ts"

/** How much a rollout wants a person: somebody degraded is an emergency whatever else goes on; an end is as good as its worst appliance. */
export function toneOf({ head, targets }: Pick<RolloutView, "head" | "targets">): Tone {
	const words = countStandings(targets).map(({ word }) => word)
	if (words.includes("degraded")) return "bad"
	if (needsPerson(head)) return "warn"
	const { state } = head.status
	if (state === "running" || state === "undoing" || state === "gate") return "live"
	if (state !== "finished" && state !== "undone") return "mute"
	const tones = words.map((word) => looks[word].tone)
	return tones.includes("bad") ? "bad" : tones.includes("warn") ? "warn" : "good"
}
