import type { StartResult } from "../../protocol/runner-calls.ts"
import type { Job, Place } from "./job.ts"
import { runJob, startResultOf } from "./job.ts"

/** Where jobs are done. */
export interface Launch {
	/** Starts a job; answers as soon as it is known whether it began. Fails when it cannot be known. */
	(place: Place, job: Job): Promise<StartResult>
	/** Does beforehand what the job of this run will need. Nothing where a job needs nothing. */
	prepare?: (place: Place, run: string) => Promise<void>
}

/** Does the job in this process, for tests and embedded appliances: the run ends with the program. */
export const launchInProcess: Launch = (place, job) =>
	new Promise((resolve, reject) => {
		// The first event is only given out once the run holds the lock and its record is on disk.
		const onEvent = () => resolve({ state: "started", run: job.run })
		// An error after the first event leaves the run open, as a crash does: status and recover tell of it.
		runJob(place, job, { onEvent }).then((result) => resolve(startResultOf(result)), reject)
	})
