import type { Reason } from "../../schema/outcome.ts"
import { withFile } from "../disk/content.ts"
import { codeOf, unlessAbsent } from "../disk/disk-error.ts"
import { inPhase } from "../pool/in-phase.ts"
import type { PoolWork } from "../pool/pool-work.ts"

const EVERY_MS = 200

/** Waits for somebody who can still reach this appliance; without a word in time, the pool goes back (DESIGN §5). */
export async function confirm(work: PoolWork): Promise<Reason | undefined> {
	if (work.confirmSeconds === undefined || work.scope.kind === "rehearse") return undefined
	// Before the phase is told: whoever hears of it may confirm at once.
	const [begun] = await Promise.allSettled([beginWait(work)])
	return inPhase(work.scope, work.pool, "confirm", async () => {
		if (begun.status === "rejected") throw begun.reason
		return wait(work, work.confirmSeconds ?? 0)
	})
}

/** What was confirmed before says nothing about what the pool has written since. */
async function beginWait({ scope: { host, layout, run }, pool }: PoolWork): Promise<void> {
	const { confirm, waiting } = layout.run(run)
	await unlessAbsent(host.disk.remove(confirm(pool)))
	await withFile(host.disk.open(waiting(pool), "append", 0o600), async () => {})
}

async function wait(work: PoolWork, seconds: number): Promise<Reason | undefined> {
	const { scope, pool } = work
	const { host, layout, run, cancelled } = scope
	const end = host.clock.monotonic() + seconds * 1000
	while (!(await host.disk.lstat(layout.run(run).confirm(pool)))) {
		const left = end - host.clock.monotonic()
		if (cancelled.aborted || left <= 0) {
			const message = cancelled.aborted ? "the run was cancelled" : `nobody confirmed within ${seconds} s`
			return (await endWait(work)) === "confirmed" ? undefined : { phase: "confirm", message }
		}
		await host.clock.sleep(Math.min(EVERY_MS, left), cancelled)
	}
	return undefined
}

/** A confirmation takes `waiting` away by renaming it (`signals.ts`): of the two only one can succeed, at any moment. */
async function endWait({ scope, pool }: PoolWork): Promise<"confirmed" | "too-late"> {
	const { confirm, waiting } = scope.layout.run(scope.run)
	try {
		await scope.host.disk.remove(waiting(pool))
		return "too-late"
	} catch (error) {
		if (codeOf(error) !== "ENOENT") throw error
		return (await scope.host.disk.lstat(confirm(pool))) ? "confirmed" : "too-late"
	}
}
