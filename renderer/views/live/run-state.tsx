import { Button, Progress } from "@mantine/core"
import { useState } from "react"
import type { DesktopRun } from "../../../core/schema/desktop.ts"
import { uploadWords } from "../../../core/schema/upload-words.ts"
import { formatMoment } from "../../components/format.ts"
import { Note } from "../../components/note.tsx"
import { ProblemNote } from "../../components/problem.tsx"
import { Ago, Until } from "../../components/time.tsx"
import { sentence } from "../../components/words.ts"
import { problemOfFailure } from "../../rpc/problem.ts"
import { useApp, useDesktop } from "../../stores/context.ts"
import { isEnded } from "../../stores/desktop.ts"
import { PlanChanged } from "../run/plan-changed.tsx"
import classes from "./live.module.css"

const DOUBTFUL =
	"The connection was lost before the appliance had said whether the run began. Nobody knows until it can be asked again."

const CANCELLING =
	"Cancelling. It stops at the next safe point: what is open is put back first, which may run commands once more."

/** What a run waits for: a person's answer, the appliance, or the end of what was cancelled. */
export function RunState({ run }: { run: DesktopRun }) {
	const asked = useDesktop((desktop) =>
		desktop.state?.questions.find((question) => question.appliance === run.applianceName),
	)
	return (
		<>
			{asked && !isEnded(run) && <Note tone="warn" title="It waits for you: answer the question that is open." />}
			{run.isCancelled && !isEnded(run) && <Note tone="live" title={CANCELLING} />}
			<ConnectionState run={run} />
		</>
	)
}

/** How the connection of a run stands, until it is followed and where it is not any more. */
function ConnectionState({ run }: { run: DesktopRun }) {
	switch (run.state) {
		case "connecting":
			return <Note tone="live" title={`Connecting to ${run.applianceName} …`} />
		case "uploading":
			return <UploadNote run={run} />
		case "lost":
			return <Lost run={run} />
		case "not-started":
			if (run.failure?.code === "plan-changed") return <PlanChanged run={run} failure={run.failure} />
			return run.failure ? (
				<ProblemNote failure={run.failure} />
			) : (
				<Note tone="bad" title="The run was not started. Nothing was touched." />
			)
		default:
			// How it ended is not known: the appliance had forgotten it.
			return run.failure && run.outcome === undefined ? <ProblemNote tone="warn" failure={run.failure} /> : null
	}
}

function UploadNote({ run: { upload } }: { run: DesktopRun }) {
	if (!upload) return <Note tone="live" title="Connected. Looking what the appliance lacks …" />
	const percent = upload.totalBytes === 0 ? 0 : (upload.sentBytes / upload.totalBytes) * 100
	return (
		<Note tone="live" title={<span className="tabular">{sentence(uploadWords(upload))}</span>}>
			<Progress value={percent} size="sm" mt={5} aria-label="Upload" transitionDuration={100} />
		</Note>
	)
}

/** A lost connection: why, since when nothing was heard, and when it is tried again. */
function Lost({ run }: { run: DesktopRun }) {
	const again = useConnectAgain(run)
	const problem = run.failure && problemOfFailure(run.failure)
	const button = (
		<Button size="compact-xs" variant="default" loading={again.trying} onClick={() => void again.connect()}>
			Connect again
		</Button>
	)
	return (
		<section aria-label="Connection">
			<Note
				tone="warn"
				title={run.isDoubtful ? DOUBTFUL : "The connection to the appliance is lost. The run goes on there by itself."}
				actions={run.retryAt === undefined ? button : undefined}
			>
				<p className={classes.line}>{problem?.what}</p>
				{run.lastEventAt && (
					<p className={classes.line}>
						Last seen <Ago time={run.lastEventAt} /> ({formatMoment(run.lastEventAt)}).
					</p>
				)}
				{run.retryAt === undefined ? (
					<p className={classes.line}>It is not tried again by itself. {problem?.next}</p>
				) : (
					<p className={classes.line}>
						Next attempt <Until time={run.retryAt} />; everything it says in the meantime will be shown then.
					</p>
				)}
			</Note>
			{again.error !== undefined && <ProblemNote error={again.error} />}
		</section>
	)
}

/** Whatever passes a test is followed again. */
function useConnectAgain(run: DesktopRun) {
	const { api } = useApp()
	const [trying, setTrying] = useState(false)
	const [error, setError] = useState<unknown>()
	const connect = async () => {
		setTrying(true)
		setError(undefined)
		try {
			await api.appliances.test({ id: run.applianceId })
		} catch (problem) {
			setError(problem)
		}
		setTrying(false)
	}
	return { trying, error, connect }
}
