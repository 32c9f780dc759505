import { useEffect } from "react"
import type { DesktopRun } from "../../../core/schema/desktop.ts"
import { Note } from "../../components/note.tsx"
import { RunTag } from "../../components/outcome.tsx"
import { ProblemNote } from "../../components/problem.tsx"
import { ClockBehind } from "../../components/time.tsx"
import { sentence } from "../../components/words.ts"
import { safeText } from "../../stores/ansi.ts"
import { useApp, useFollowedRun } from "../../stores/context.ts"
import { isEnded } from "../../stores/desktop.ts"
import { emptyPool, emptyRun, type PoolView, type RunView } from "../../stores/run-view.ts"
import { FinalCard } from "./final-card.tsx"
import classes from "./live.module.css"
import { RunTime } from "./overview.tsx"
import { PoolCard } from "./pool-card.tsx"
import { ResultNote } from "./result-note.tsx"
import { RunState } from "./run-state.tsx"

/** One run in full: while it goes on and, the same, from its record. */
export function RunDetail({ run, withName, pool }: { run: DesktopRun; withName?: boolean; pool?: string | undefined }) {
	const { runViews } = useApp()
	const followed = useFollowedRun(run.id)
	const begun = run.run !== undefined && !run.isDoubtful
	useEffect(() => (begun ? runViews.follow(run.id) : undefined), [runViews, run.id, begun])
	const view = followed?.view ?? emptyRun
	const ended = isEnded(run)

	return (
		<div className={classes.detail} data-stale={run.state === "lost" || undefined}>
			{withName && (
				<div className={classes.detailHead}>
					<h2>{run.applianceName}</h2>
					<RunTag run={run} />
					<span className={classes.soft}>
						<RunTime run={run} />
					</span>
				</div>
			)}
			<RunState run={run} />
			{ended && <ResultNote run={run} interrupted={view.interrupted ?? false} />}
			{followed?.state === "failed" && (
				<ProblemNote tone="warn" error={followed.error} onRetry={() => runViews.retry(run.id)} />
			)}
			{view.warnings.map((warning) => (
				<Note key={warning} tone="warn" title={sentence(safeText(warning))} />
			))}
			<ClockBehind value={followed?.behindMs ?? 0}>
				{run.state !== "not-started" &&
					poolsOf(run, view).map((one) => (
						<PoolCard key={one.pool} view={one} run={run} live={!ended} started={begun} wanted={one.pool === pool} />
					))}
				{run.state !== "not-started" && <FinalCard run={run} view={view} live={!ended} />}
			</ClockBehind>
			{view.unknown.length > 0 && (
				<p className={classes.soft}>
					The runner is newer than this program and also said: {view.unknown.map(safeText).join(", ")}.
				</p>
			)}
		</div>
	)
}

/** Pools as the events tell them; before the first event, and where there are none, as the services know them. */
function poolsOf(run: DesktopRun, view: RunView): PoolView[] {
	const told = new Map(view.pools.map((pool) => [pool.pool, pool]))
	const named =
		view.pools.length > 0 ? view.pools.flatMap((pool) => pool.pool ?? []) : run.pools.map((pool) => pool.pool)
	return named.map((name) => {
		const known = run.pools.find((pool) => pool.pool === name)
		const pool = told.get(name) ?? { ...emptyPool, pool: name }
		if (pool.outcome !== undefined || known?.outcome === undefined) return pool
		const reason = pool.reason ?? known?.reason
		return { ...pool, outcome: known.outcome, ...(reason ? { reason } : {}) }
	})
}
