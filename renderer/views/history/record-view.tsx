import { Button, Loader } from "@mantine/core"
import { IconArrowLeft } from "@tabler/icons-react"
import { useEffect, useState } from "react"
import type { DesktopRun } from "../../../core/schema/desktop.ts"
import { formatMoment } from "../../components/format.ts"
import { RunTag } from "../../components/outcome.tsx"
import { ViewHead } from "../../components/panel.tsx"
import { ProblemNote } from "../../components/problem.tsx"
import { useApp, useDesktop } from "../../stores/context.ts"
import { hashOf } from "../../stores/route.ts"
import { RunDetail } from "../live/run-detail.tsx"
import classes from "./history.module.css"
import { SaveRecord } from "./save-record.tsx"

/** The full record of one run, opened at one of its pools. */
export function RecordView({ runId, pool }: { runId: string; pool: string | undefined }) {
	const { api } = useApp()
	const known = useDesktop((desktop) => desktop.state?.runs.find((one) => one.id === runId))
	const [fetched, setFetched] = useState<DesktopRun>()
	const [error, setError] = useState<unknown>()
	const [round, setRound] = useState(0)
	const isKnown = known !== undefined
	// biome-ignore lint/correctness/useExhaustiveDependencies: `round` asks again
	useEffect(() => {
		if (isKnown) return
		let stale = false
		setError(undefined)
		api.runs
			.get({ id: runId })
			.then((run) => !stale && setFetched(run))
			.catch((problem) => !stale && setError(problem))
		return () => {
			stale = true
		}
	}, [api, runId, isKnown, round])
	const run = known ?? fetched

	return (
		<>
			<ViewHead
				title={run ? `${run.module.name} ${run.module.version} on ${run.applianceName}` : "Record"}
				note={
					run && (
						<span className={classes.recordNote}>
							<RunTag run={run} /> {formatMoment(run.startedAt)}
							{run.run && <code> run {run.run}</code>}
						</span>
					)
				}
				actions={
					<>
						{run && <SaveRecord run={run} />}
						<Button
							component="a"
							href={hashOf({ view: "history" })}
							variant="default"
							leftSection={<IconArrowLeft size={14} />}
						>
							History
						</Button>
					</>
				}
			/>
			{error !== undefined && <ProblemNote error={error} onRetry={() => setRound(round + 1)} />}
			{!run && error === undefined && <Loader size="sm" />}
			{run && <RunDetail run={run} pool={pool} />}
		</>
	)
}
