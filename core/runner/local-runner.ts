import type { EngineOptions } from "../engine/engine.ts"
import { readHistory } from "../engine/history.ts"
import type { Host } from "../engine/host.ts"
import { planModule } from "../engine/plan.ts"
import { recoverRuns } from "../engine/recover.ts"
import { cancelRun, confirmPool } from "../engine/signals.ts"
import { readStatus } from "../engine/status.ts"
import type { RunRequest } from "../protocol/runner-calls.ts"
import type { RunnerPort } from "../protocol/runner-port.ts"
import { FailureError } from "../schema/failure.ts"
import { createContentStore } from "./contents/content-store.ts"
import { readHello } from "./facts.ts"
import { followRun } from "./follow-run.ts"
import { suppliedModule } from "./jobs/job.ts"
import type { Launch } from "./jobs/launch.ts"
import { makeRunId } from "./run-id.ts"

export interface LocalRunnerOptions {
	host: Host
	options: EngineOptions
	/** Where runs are done: in this process, or in a worker of their own. */
	launch: Launch
	/** Network address of who is served, kept with their runs. */
	from?: string
}

/** The engine of this machine as a `RunnerPort`: what `hotfix-runner serve` serves. */
export function createLocalRunner({ host, options, launch, from }: LocalRunnerOptions): RunnerPort {
	const place = { host, options }
	const asked = from === undefined ? {} : { from }
	const contents = createContentStore(place)

	async function start(request: RunRequest) {
		const missing = await contents.missing(request.manifest.sources.map(({ digest }) => digest))
		if (missing.length > 0)
			throw new FailureError("bad-request", { reason: `${missing.length} contents were not supplied` })
		return launch(place, { kind: "module", run: makeRunId(), ...asked, request })
	}

	return {
		hello: async () => readHello(),
		status: () => readStatus(host, options),
		history: (filter) => readHistory(host, options, filter),
		plan: ({ manifest, texts = false, ...request }) =>
			planModule(host, options, suppliedModule(options, manifest), request, { texts }),
		missing: contents.missing,
		supply: contents.supply,
		start,
		revert: (request) => launch(place, { kind: "revert", run: makeRunId(), ...asked, request }),
		recover: async () => ({ runs: await recoverRuns(host, options) }),
		attach: (run, after, signal) => followRun(place, run, after, signal),
		cancel: (run) => cancelRun(host, options, run),
		confirm: (run, pool) => confirmPool(host, options, run, pool),
		// There is no connection to end.
		close: async () => {},
	}
}
