import type { RolloutSummary } from "../../../../core/schema/rollout.ts"
import { countWords, orderCounts, statusWords } from "../../../../core/schema/rollout-words.ts"
import { sentence } from "../../../components/words.ts"
import { needsPerson } from "../../rollout/words.ts"

/** What a person is told of a rollout that has ended, or that waits for them. */
export interface RolloutEnding {
	rollout: string
	title: string
	text: string
}

/** Rollouts that came to an end, or to where a person decides, between these two moments. */
export function rolloutEndingsOf(before: readonly RolloutSummary[], now: readonly RolloutSummary[]): RolloutEnding[] {
	const known = new Map(before.map((rollout) => [rollout.id, rollout]))
	return now.flatMap((rollout) => {
		const earlier = known.get(rollout.id)
		const told = stopOf(rollout)
		return earlier && told !== undefined && told !== stopOf(earlier) ? [endingOf(rollout)] : []
	})
}

/** Where a rollout stands still, by a word that is another one at each stop; undefined while it goes on or by a person's will. */
function stopOf({ status, wave }: RolloutSummary): string | undefined {
	if (needsPerson({ status })) return `${status.state} ${wave}`
	// Somebody is tried once more at a gate: it is the same gate afterwards.
	if (status.state === "running" && status.gate && !status.gate.isPassed && status.gate.until === undefined)
		return `gate ${wave}`
	return status.state === "finished" || status.state === "undone" ? status.state : undefined
}

function endingOf(rollout: RolloutSummary): RolloutEnding {
	const { id, module, counts, wave } = rollout
	return {
		rollout: id,
		title: `${module.name} ${module.version}: ${sentence(statusWords(rollout))}`,
		text: `Wave ${wave + 1}; ${countWords(orderCounts(counts))}`,
	}
}
