import { makeReceipt } from "../../schema/receipt.ts"
import { writeFileAtomic } from "../disk/atomic-file.ts"
import { meaningOf } from "../disk/disk-error.ts"
import { logWarning } from "../log/standard-log.ts"
import type { OpenRun } from "./open-run.ts"

/**
 * Leaves a run's receipt beside its record, before the journal's end: cut short, the next recovery writes the same one
 * again. A run does not fail for want of it.
 */
export async function leaveReceipt(scope: OpenRun): Promise<void> {
	const { host, options, layout, run, events, journal } = scope
	const { program, options: common } = options.runner ?? { program: ["hotfix-runner"], options: [] }
	const [open] = journal.records
	if (!events.history || open?.type !== "run-open") return
	try {
		const text = makeReceipt(events.history, {
			about: open.about,
			program,
			options: common,
			folder: layout.root,
			asRoot: host.self.uid === 0,
		})
		await writeFileAtomic(host, layout.run(run).receipt, text)
	} catch (error) {
		await logWarning(host, options, `the receipt of run ${run} could not be written: ${meaningOf(error)}`)
	}
}
