import type { StartResult } from "../../protocol/runner-calls.ts"
import { FailureError } from "../../schema/failure.ts"
import { hasBegun, type Job, type Place, runJob, startResultOf } from "./job.ts"

/** Where jobs are done. */
export interface Launch {
	/** Starts a job; answers as soon as it is known whether it began. Fails when it cannot be known. */
	(place: Place, job: Job): Promise<StartResult>
	/** Does beforehand what the job of this run will need. Nothing where a job needs nothing. */
	prepare?: (place: Place, run: string) => Promise<void>
	/** What became of a job, whoever launched it. Fails with `unknown-run` where none began; then none will. */
	settle(place: Place, run: string): Promise<StartResult>
}

/** Does jobs in this process, for tests: runs end with the program. */
export function createInProcessLaunch(): Launch {
	const started = new Map<string, Promise<StartResult>>()
	const withdrawn = new Set<string>()

	const launch = async (place: Place, job: Job) => {
		if (withdrawn.has(job.run)) throw new FailureError("unknown-run", { run: job.run })
		const starting = start(place, job)
		started.set(job.run, starting)
		return starting
	}
	return Object.assign(launch, {
		async settle(place: Place, run: string) {
			const starting = started.get(run)
			if (starting) return starting
			withdrawn.add(run)
			if (await hasBegun(place, run)) return { state: "started" as const, run }
			throw new FailureError("unknown-run", { run })
		},
	})
}

const start = (place: Place, job: Job) =>
	new Promise<StartResult>((resolve, reject) => {
		// The first event is only given out once the run holds the lock and its record is on disk.
		const onEvent = () => resolve({ state: "started", run: job.run })
		// An error after the first event leaves the run open, as a crash does: status and recover tell of it.
		runJob(place, job, { onEvent }).then((result) => resolve(startResultOf(result)), reject)
	})
