import { findNext } from "../../../core/fleet/rollout/find-next.ts"
import { type RunEnd, step } from "../../../core/fleet/rollout/step.ts"
import type { Rollout } from "../../../core/schema/rollout.ts"
import { makeRollout } from "../../unit/core/fleet/rollout/rollouts.ts"
import type { Bench } from "../bench.ts"
import { workOf } from "../processor.ts"

const APPLIANCES = 300

/** A rollout from its first step to its last, everybody applied. */
export const bench: Bench = {
	name: "rollout-steps",
	other: "JSON there and back, 50 times",
	pairs: 80,
	targets: [{ committed: "processorMs" }],
	async setUp() {
		const waves = Array.from({ length: APPLIANCES }, (_, index) => Math.min(2, Math.floor(index / 5)))
		const rollout = makeRollout(waves)
		return {
			reset: async () => {},
			ours: () => workOf(() => roll(rollout)),
			other: () =>
				workOf(() => {
					for (let time = 0; time < 50; time++) JSON.parse(JSON.stringify(rollout))
				}),
		}
	},
}

function roll(before: Rollout): void {
	let rollout = before
	while (rollout.status.state === "running") {
		const runs = findNext(rollout, 0).start.map((applianceId) => ({ applianceId, run: `run-${applianceId}` }))
		if (runs.length === 0) throw new Error(`cannot trust the figure: ${JSON.stringify(rollout.status)}`)
		rollout = step(rollout, { type: "started", runs }, 0)
		for (const { run } of runs) {
			const end: RunEnd = { state: "ended", outcome: "applied", applied: [{ pool: "web", run }] }
			rollout = step(rollout, { type: "run-ended", run, end }, 0)
		}
	}
	if (rollout.status.state !== "finished") throw new Error(`cannot trust the figure: ${rollout.status.state}`)
}
