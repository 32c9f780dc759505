import type { EngineOptions } from "../engine/engine.ts"
import { readHistory } from "../engine/history.ts"
import type { Host } from "../engine/host.ts"
import { planModule } from "../engine/plan.ts"
import { recoverRuns } from "../engine/recover.ts"
import { cancelRun, confirmPool } from "../engine/signals.ts"
import { readStatus } from "../engine/status.ts"
import { makeRunId } from "../protocol/run-id.ts"
import type { RunRequest, StartResult } from "../protocol/runner-calls.ts"
import type { RunnerPort } from "../protocol/runner-port.ts"
import { FailureError } from "../schema/failure.ts"
import { createContentStore } from "./contents/content-store.ts"
import { readHello } from "./facts.ts"
import { listFolder } from "./files/list-folder.ts"
import { readContentPiece, readFilePiece } from "./files/read-file.ts"
import { statFiles } from "./files/stat-files.ts"
import { followRun } from "./follow-run.ts"
import { hasBegun, suppliedModule } from "./jobs/job.ts"
import type { Launch } from "./jobs/launch.ts"

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
	const supplying = new Set<Promise<void>>()
	/** The runs that were asked for on this connection. */
	const starting = new Map<string, Promise<StartResult>>()

	function supply(...given: Parameters<typeof contents.supply>) {
		const supplied = contents.supply(...given)
		supplying.add(supplied)
		// Its own caller gets the failure.
		const forget = () => void supplying.delete(supplied)
		supplied.then(forget, forget)
		return supplied
	}
	function begin(run: string, work: () => Promise<StartResult>): Promise<StartResult> {
		const refused = new FailureError("bad-request", { reason: `there is a run ${run} already` })
		if (starting.has(run)) throw refused
		const workIfNew = async () => {
			if (!(await hasBegun(place, run))) return work()
			// It is another one's: whoever follows it is told of that one.
			starting.delete(run)
			throw refused
		}
		const started = workIfNew()
		starting.set(run, started)
		return started
	}
	async function launchWhenSupplied(run: string, request: RunRequest) {
		await Promise.allSettled(supplying)
		const missing = await contents.missing(request.manifest.sources.map(({ digest }) => digest))
		if (missing.length > 0)
			throw new FailureError("bad-request", { reason: `${missing.length} contents were not supplied` })
		return launch(place, { kind: "module", run, ...asked, request })
	}
	/** The one who asked for a run is told why there is none. */
	async function* attach(run: string, after?: number, signal?: AbortSignal) {
		const result = await starting.get(run)
		if (result && result.state !== "started") throw new FailureError("unknown-run", { run })
		yield* followRun(place, run, after, signal)
	}

	return {
		hello: async () => readHello(),
		status: () => readStatus(host, options),
		history: (filter) => readHistory(host, options, filter),
		plan: ({ manifest, texts = false, ...request }) =>
			planModule(host, options, suppliedModule(options, manifest), request, { texts }),
		listFolder: (request) => listFolder(host, request),
		readFile: (request) => readFilePiece(host, request),
		readContent: (request) => readContentPiece(host, options, request),
		statFiles: (destinations) => statFiles(host, options, destinations),
		missing: contents.missing,
		supply,
		prepare: async (run) => launch.prepare?.(place, run),
		start: async ({ as: run = makeRunId(), ...request }) => begin(run, () => launchWhenSupplied(run, request)),
		revert: async ({ as: run = makeRunId(), ...request }) =>
			begin(run, () => launch(place, { kind: "revert", run, ...asked, request })),
		started: async (run) => starting.get(run) ?? launch.settle(place, run),
		recover: async () => ({ runs: await recoverRuns(host, options) }),
		attach,
		cancel: (run) => cancelRun(host, options, run),
		confirm: (run, pool) => confirmPool(host, options, run, pool),
		// There is no connection to end.
		close: async () => {},
	}
}
