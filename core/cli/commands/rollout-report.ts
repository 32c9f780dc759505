import { writeFile } from "node:fs/promises"
import type { Services } from "../../fleet/services/types.ts"
import { FailureError } from "../../schema/failure.ts"
import { EXIT } from "../../schema/outcome.ts"
import { makeRolloutReport, type ReportRollout, rolloutLines } from "../../schema/report/rollout-report.ts"
import type { ApplianceOptions } from "../appliance-options.ts"
import { withServices } from "../with-services.ts"
import { findRollout } from "./rollout.ts"

interface ReportOptions extends ApplianceOptions {
	html?: string
	jsonl?: string
}

/** `hotfix rollout report ROLLOUT`: as it stands now, as a page or as lines; without a file the lines are printed. */
export function reportRollout({ html, jsonl, ...options }: ReportOptions, id: string): Promise<number> {
	return withServices(options, async (services) => {
		const report = readReport(services, id)
		if (html !== undefined) await write(html, makeRolloutReport(report, new Date().toISOString()))
		if (jsonl !== undefined) await write(jsonl, linesOf(report).join(""))
		if (html === undefined && jsonl === undefined) for (const line of linesOf(report)) process.stdout.write(line)
		return EXIT.ok
	})
}

function readReport({ rollouts, history }: Services, id: string): ReportRollout {
	const { targets, ...head } = rollouts.get(findRollout(rollouts.list(), id).id)
	const runs = targets.flatMap(({ standing }) => (standing.state === "ended" ? standing.run : []))
	return { head, targets, results: Map.groupBy(history.ofRuns(runs), ({ runId }) => runId) }
}

function linesOf(report: ReportRollout): string[] {
	return [...rolloutLines(report)].map((line) => `${JSON.stringify(line)}\n`)
}

/** A file that is there already stays: somebody may have attached it to a ticket. */
async function write(path: string, text: string): Promise<void> {
	try {
		await writeFile(path, text, { flag: "wx" })
	} catch (error) {
		const { code = "unknown" } = error as NodeJS.ErrnoException
		const reason = code === "EEXIST" ? `${path} is there already: name another file` : `cannot write ${path}: ${code}`
		throw new FailureError("bad-request", { reason }, { cause: error })
	}
}
