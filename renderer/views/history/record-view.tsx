import { Button, Loader } from "@mantine/core"
import { IconArrowLeft } from "@tabler/icons-react"
import { formatMoment } from "../../components/format.ts"
import { RunTag } from "../../components/outcome.tsx"
import { ViewHead } from "../../components/panel.tsx"
import { ProblemNote } from "../../components/problem.tsx"
import { isEnded } from "../../stores/desktop.ts"
import { hashOf } from "../../stores/route.ts"
import { RunDetail } from "../live/run-detail.tsx"
import classes from "./history.module.css"
import { JournalPanel } from "./journal.tsx"
import { failedPools } from "./offers.ts"
import { PoolActions } from "./pool-actions.tsx"
import { SaveRecord } from "./save-record.tsx"
import { useRun } from "./use-run.ts"

/** The full record of one run, opened at one of its pools. */
export function RecordView({ runId, pool }: { runId: string; pool: string | undefined }) {
	const { run, error, retry } = useRun(runId)
	const shown = run && (pool ?? failedPools(run)[0] ?? run.pools[0]?.pool)
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
						{run && shown !== undefined && isEnded(run) && (
							<PoolActions word="Actions" of={{ runId, pool: shown, applianceName: run.applianceName }} />
						)}
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
			{error !== undefined && <ProblemNote error={error} onRetry={retry} />}
			{!run && error === undefined && <Loader size="sm" />}
			{run && <RunDetail run={run} pool={pool} />}
			{run?.state === "finished" && <JournalPanel runId={runId} />}
		</>
	)
}
