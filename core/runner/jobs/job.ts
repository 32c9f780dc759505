import { z } from "zod"
import type { EngineOptions, ModuleOnHost, RunContext, RunResult } from "../../engine/engine.ts"
import type { Host } from "../../engine/host.ts"
import { hasLostBeginning, readJournal } from "../../engine/journal/journal.ts"
import { makeLayout } from "../../engine/layout.ts"
import { revertPool } from "../../engine/revert.ts"
import { applyModule } from "../../engine/run.ts"
import { readCheckpoint } from "../../engine/state/checkpoint.ts"
import { revertRequestSchema, runRequestSchema, type StartResult } from "../../protocol/runner-calls.ts"
import { FailureError } from "../../schema/failure.ts"
import type { Manifest } from "../../schema/manifest.ts"

const common = {
	run: z.string(),
	/** Address of the client that asked: where the run is done, its connection is not known any more. */
	from: z.string().optional(),
}

/** One run to be done, wherever it is done: the id was chosen before, so that it can be followed from its first event. */
export const jobSchema = z.discriminatedUnion("kind", [
	z.object({ kind: z.literal("module"), ...common, request: runRequestSchema }),
	z.object({ kind: z.literal("revert"), ...common, request: revertRequestSchema }),
])
export type Job = z.infer<typeof jobSchema>

/** Where a job is done: what the engine works on. */
export interface Place {
	host: Host
	options: EngineOptions
}

/**
 * Whether a run has begun here, whatever became of it. A journal without a beginning is of one that never did. Of one that
 * is long gone only its name is known, among the last 2,000.
 */
export async function hasBegun({ host, options }: Place, run: string): Promise<boolean> {
	const layout = makeLayout(options.stateFolder)
	const { journal, events } = layout.run(run)
	if (await host.disk.lstat(events)) return true
	if (await host.disk.lstat(journal))
		return (await readJournal(host, journal)) !== undefined || (await hasLostBeginning(host, journal))
	return (await readCheckpoint(host, layout))?.runs.includes(run) ?? false
}

/** Does the job to its end, in this process. */
export function runJob({ host, options }: Place, job: Job, context: Omit<RunContext, "run">): Promise<RunResult> {
	const runContext = { ...context, run: job.run, ...(job.from === undefined ? {} : { from: job.from }) }
	if (job.kind === "revert") return revertPool(host, options, job.request, runContext)
	const { manifest, ...request } = job.request
	return applyModule(host, options, suppliedModule(options, manifest), request, runContext)
}

/** A module whose contents lie in the store of supplied contents. */
export function suppliedModule(options: EngineOptions, manifest: Manifest): ModuleOnHost {
	const layout = makeLayout(options.stateFolder)
	const digests = new Map(manifest.sources.map(({ target, digest }) => [target, digest]))
	return {
		manifest,
		pathOf(target) {
			const digest = digests.get(target)
			if (digest === undefined) throw new FailureError("not-found", { kind: "source", id: target })
			return layout.source(digest)
		},
	}
}

/** What the asker of a run is told when it ended before anybody was told that it had begun. */
export function startResultOf(result: RunResult): StartResult {
	if (result.state === "finished") return { state: "started", run: result.run }
	return result
}
