import type { Status } from "../schema/history.ts"
import type { EngineOptions } from "./engine.ts"
import type { Host } from "./host.ts"
import { makeLayout } from "./layout.ts"
import { readHolder } from "./lock/lock.ts"
import { findHotRuns } from "./run/find-hot-runs.ts"
import { readState } from "./state/state-file.ts"
import { checkStateFolder } from "./state/state-folder.ts"

/** What stands on this appliance now. Takes no lock, writes nothing. */
export async function readStatus(host: Host, options: EngineOptions): Promise<Status> {
	const layout = makeLayout(options.stateFolder)
	const { runnerVersion } = options
	if (!(await checkStateFolder(host, layout))) return { runnerVersion, interrupted: [], modules: [] }
	// The journals first: a run that ends in between is then neither running nor interrupted, which is true.
	const hot = await findHotRuns({ host, layout })
	const running = await readHolder(host, layout)
	const { state } = await readState(host, layout)
	const modules = Object.entries(state.modules).map(([name, { version, digest, pools }]) => ({
		name,
		version,
		digest,
		pools: Object.entries(pools).map(([pool, { outcome, run, at }]) => ({ pool, outcome, run, at })),
	}))
	const interrupted = hot.filter((run) => run !== running?.run)
	return { runnerVersion, ...(running ? { running } : {}), interrupted, modules }
}
