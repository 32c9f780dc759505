import type { EngineOptions } from "../engine.ts"
import type { Host } from "../host.ts"
import { type Holder, takeLock } from "../lock/lock.ts"
import { stateFailure } from "../state/state-failure.ts"
import { prepareStateFolder } from "../state/state-folder.ts"
import type { Base } from "./open-run.ts"

export type UnderLock<T> = { state: "done"; result: T } | ({ state: "busy" } & Holder)

/**
 * Does something as the only one on this appliance. `afterwards` is called when the lock is free again: whoever hears of
 * a run's end from it may begin the next one at once.
 */
export async function underLock<T>(
	host: Host,
	options: EngineOptions,
	who: { run: string; by?: string },
	step: (base: Base) => Promise<{ result: T; afterwards?: () => Promise<void> }>,
): Promise<UnderLock<T>> {
	const layout = await prepareStateFolder(host, options.stateFolder)
	const taken = await takeLock(host, layout, who)
	if (taken.state === "busy") return taken
	let done: Awaited<ReturnType<typeof step>>
	try {
		done = await step({ host, options, layout })
	} catch (error) {
		throw stateFailure(error, layout.root)
	} finally {
		await taken.release()
	}
	await done.afterwards?.()
	return { state: "done", result: done.result }
}
