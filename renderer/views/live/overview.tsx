import { Progress } from "@mantine/core"
import type { DesktopRun } from "../../../core/schema/desktop.ts"
import { phaseName } from "../../../core/schema/outcome-sentences.ts"
import { formatDuration } from "../../components/format.ts"
import { lookOf, RunTag } from "../../components/outcome.tsx"
import { Panel } from "../../components/panel.tsx"
import { Elapsed, Until } from "../../components/time.tsx"
import { isEnded } from "../../stores/desktop.ts"
import { hashOf } from "../../stores/route.ts"
import classes from "./live.module.css"

/** One line per appliance of a batch. */
export function Overview({ runs, shown }: { runs: DesktopRun[]; shown: string }) {
	const ended = runs.filter(isEnded).length
	return (
		<div className={classes.overview}>
			<Panel title="Appliances" note={`${ended} of ${runs.length} ended`}>
				<nav aria-label="Appliances of this run">
					<ul className={classes.lines}>
						{runs.map((run) => (
							<li key={run.id}>
								<a
									href={hashOf({ view: "live", batch: run.batch, run: run.id })}
									className={classes.lineLink}
									aria-current={run.id === shown ? "true" : undefined}
								>
									<span className={classes.lineName}>{run.applianceName}</span>
									<span className={classes.lineTime}>
										<RunTime run={run} />
									</span>
									<span className={classes.lineSecond}>
										<RunTag run={run} />
										<span className={classes.lineNow}>
											<Now run={run} />
										</span>
									</span>
									<PoolStrip run={run} />
								</a>
							</li>
						))}
					</ul>
				</nav>
			</Panel>
		</div>
	)
}

export function RunTime({ run }: { run: DesktopRun }) {
	if (!isEnded(run)) return <Elapsed since={run.startedAt} />
	if (run.finishedAt === undefined) return null
	return formatDuration(Date.parse(run.finishedAt) - Date.parse(run.startedAt))
}

function Now({ run }: { run: DesktopRun }) {
	if (run.state === "lost") return run.retryAt === undefined ? "needs you" : <Until time={run.retryAt} />
	return nowOf(run)
}

function nowOf(run: DesktopRun): string | undefined {
	if (run.state === "uploading" && run.upload) {
		return `${Math.round((run.upload.sentBytes / Math.max(1, run.upload.totalBytes)) * 100)} %`
	}
	const open = run.pools.find((pool) => pool.phase !== undefined && pool.outcome === undefined)
	return run.state === "running" && open?.phase ? `${open.pool}: ${phaseName(open.phase)}` : undefined
}

/** One piece a pool, in its outcome's colour; the words are in its label and in the detail beside it. */
function PoolStrip({ run }: { run: DesktopRun }) {
	if (run.pools.length === 0) return null
	const words = run.pools.map(
		({ pool, outcome, reason }) => `${pool}: ${outcome ? lookOf(outcome, reason, run.kind).word : "open"}`,
	)
	return (
		<Progress.Root size={4} className={classes.strip} role="img" aria-label={words.join(", ")} title={words.join("\n")}>
			{run.pools.map(({ pool, outcome, phase, reason }) => (
				<span
					key={pool}
					className={classes.piece}
					data-tone={outcome ? lookOf(outcome, reason).tone : phase ? "live" : undefined}
				/>
			))}
		</Progress.Root>
	)
}
