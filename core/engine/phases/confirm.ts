import type { Reason } from "../../schema/outcome.ts"
import { inPhase } from "../pool/in-phase.ts"
import type { PoolWork } from "../pool/pool-work.ts"

const EVERY_MS = 200

/** Waits for somebody who can still reach this appliance; without a word in time, the pool goes back (DESIGN §5). */
export async function confirm(work: PoolWork): Promise<Reason | undefined> {
	const { scope, pool, confirmSeconds } = work
	if (confirmSeconds === undefined || scope.kind === "rehearse") return undefined
	const { host, layout, run, cancelled } = scope
	return inPhase(scope, pool, "confirm", async () => {
		const end = host.clock.monotonic() + confirmSeconds * 1000
		while (!(await host.disk.lstat(layout.run(run).confirm(pool)))) {
			if (cancelled.aborted) return { phase: "confirm", message: "the run was cancelled" }
			const left = end - host.clock.monotonic()
			if (left <= 0) return { phase: "confirm", message: `nobody confirmed within ${confirmSeconds} s` }
			await host.clock.sleep(Math.min(EVERY_MS, left), cancelled)
		}
		return undefined
	})
}
