import { meaningOf } from "../disk/disk-error.ts"
import type { EngineOptions } from "../engine.ts"
import type { Host } from "../host.ts"
import { type Holder, takeLock } from "../lock/lock.ts"
import { logWarning } from "../log/standard-log.ts"
import { stateFailure } from "../state/state-failure.ts"
import { prepareStateFolder } from "../state/state-folder.ts"
import type { Base, LockedBase } from "./open-run.ts"

export type UnderLock<T> = { state: "done"; result: T } | ({ state: "busy" } & Holder)

/**
 * Does something as the only one on this appliance. `afterwards` is called when the lock is free again: whoever hears of
 * a run's end from it may begin the next one at once. The appliance no longer recovers at its next boot when no run is
 * left open; a step that throws leaves it as it is.
 */
export async function underLock<T>(
	host: Host,
	options: EngineOptions,
	who: { run: string; by?: string },
	step: (base: LockedBase) => Promise<{ result: T; afterwards?: () => Promise<void> }>,
): Promise<UnderLock<T>> {
	const layout = await prepareStateFolder(host, options.stateFolder)
	const taken = await takeLock(host, layout, who).catch((error) => {
		throw stateFailure(error, layout.root)
	})
	if (taken.state === "busy") return taken
	let done: Awaited<ReturnType<typeof step>>
	try {
		const base = { host, options, layout, openRuns: new Set<string>(), lockNumber: taken.number }
		done = await step(base)
		if (base.openRuns.size === 0) await disarmBootRecovery(base)
	} catch (error) {
		throw stateFailure(error, layout.root)
	} finally {
		await taken.release().catch((error) => tellStuckLock({ host, options }, error))
	}
	await done.afterwards?.()
	return { state: "done", result: done.result }
}

/** What was done stands; the lock is free when this process has ended. */
async function tellStuckLock({ host, options }: Pick<Base, "host" | "options">, error: unknown): Promise<void> {
	await logWarning(host, options, `the lock could not be given back: ${meaningOf(error)}`)
}

/** The last event is recorded by now: what is left to say goes into the log. What stays does nothing at the next boot. */
async function disarmBootRecovery({ host, options }: Base): Promise<void> {
	const why = await host.bootRecovery.disarm(options)
	if (why !== undefined) await logWarning(host, options, `recovery at boot could not be taken away: ${why}`)
}
