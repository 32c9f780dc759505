import type { EngineOptions } from "../engine/engine.ts"
import { readHistory } from "../engine/history.ts"
import type { Host } from "../engine/host.ts"
import { planModule } from "../engine/plan.ts"
import { recoverRuns } from "../engine/recover.ts"
import { cancelRun, confirmPool } from "../engine/signals.ts"
import { readStatus } from "../engine/status.ts"
import type { RunnerStartRequest, RunRequest, StartResult } from "../protocol/runner-calls.ts"
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
	const supplying = new Set<Promise<void>>()
	/** The runs that were asked for on this connection, by the name that the caller gave them. */
	const named = new Map<string, Promise<StartResult>>()

	/** The run that was prepared for, until one is started. */
	let prepared: string | undefined

	async function prepare() {
		if (prepared !== undefined || !launch.prepare) return
		prepared = makeRunId()
		await launch.prepare(place, prepared)
	}
	function nextRun(): string {
		const run = prepared ?? makeRunId()
		prepared = undefined
		return run
	}
	function supply(...given: Parameters<typeof contents.supply>) {
		const supplied = contents.supply(...given)
		supplying.add(supplied)
		// Its own caller gets the failure.
		const forget = () => void supplying.delete(supplied)
		supplied.then(forget, forget)
		return supplied
	}
	function start({ as, ...request }: RunnerStartRequest) {
		const started = launchWhenSupplied(request)
		if (as === undefined) return started
		if (named.has(as)) throw new FailureError("bad-request", { reason: `the name ${as} is not free` })
		named.set(as, started)
		return started
	}
	async function launchWhenSupplied(request: RunRequest) {
		await Promise.allSettled(supplying)
		const missing = await contents.missing(request.manifest.sources.map(({ digest }) => digest))
		if (missing.length > 0)
			throw new FailureError("bad-request", { reason: `${missing.length} contents were not supplied` })
		return launch(place, { kind: "module", run: nextRun(), ...asked, request })
	}

	/** The run itself, where its name is given; the one who started it is told why there is none. */
	async function runOf(name: string): Promise<string> {
		const result = await named.get(name)
		if (result?.state === "started") return result.run
		if (result) throw new FailureError("unknown-run", { run: name })
		return name
	}
	async function* attach(name: string, after?: number, signal?: AbortSignal) {
		yield* followRun(place, await runOf(name), after, signal)
	}

	return {
		hello: async () => readHello(),
		status: () => readStatus(host, options),
		history: (filter) => readHistory(host, options, filter),
		plan: ({ manifest, texts = false, ...request }) =>
			planModule(host, options, suppliedModule(options, manifest), request, { texts }),
		missing: contents.missing,
		supply,
		prepare,
		start: async (request) => start(request),
		revert: (request) => launch(place, { kind: "revert", run: makeRunId(), ...asked, request }),
		recover: async () => ({ runs: await recoverRuns(host, options) }),
		attach,
		cancel: (run) => cancelRun(host, options, run),
		confirm: (run, pool) => confirmPool(host, options, run, pool),
		// There is no connection to end.
		close: async () => {},
	}
}
