import { Button } from "@mantine/core"
import { IconDownload } from "@tabler/icons-react"
import { useEffect, useRef, useState } from "react"
import type { SyncProgress } from "../../../core/schema/history-sync.ts"
import { count } from "../../components/format.ts"
import { Note } from "../../components/note.tsx"
import { ProblemNote } from "../../components/problem.tsx"
import { problemOfFailure } from "../../rpc/problem.ts"
import { useApp } from "../../stores/context.ts"
import classes from "./history.module.css"

type Answer = NonNullable<SyncProgress["appliance"]>

/** Fetching what every appliance of the fleet remembers, with progress and an end to it. */
export function useSyncAll(onDone: () => void) {
	const { api } = useApp()
	const [now, setNow] = useState<SyncProgress>()
	const [answers, setAnswers] = useState<Answer[]>([])
	const [error, setError] = useState<unknown>()
	const [isGoing, setGoing] = useState(false)
	const stop = useRef<AbortController>(undefined)
	useEffect(() => () => stop.current?.abort(), [])
	const start = async () => {
		const own = new AbortController()
		stop.current = own
		setGoing(true)
		setAnswers([])
		setError(undefined)
		try {
			for await (const progress of await api.history.syncAll({}, { signal: own.signal })) {
				setNow(progress)
				const { appliance } = progress
				if (appliance) setAnswers((before) => [...before, appliance])
			}
		} catch (problem) {
			if (!own.signal.aborted) setError(problem)
		}
		setGoing(false)
		onDone()
	}
	return { now, answers, error, isGoing, start, cancel: () => stop.current?.abort() }
}

type SyncingAll = ReturnType<typeof useSyncAll>

export function SyncAllButton({ sync: { now, isGoing, start, cancel } }: { sync: SyncingAll }) {
	if (isGoing)
		return (
			<>
				<span role="status" className={classes.soft}>
					Fetched {now?.done ?? 0} of {now?.total ?? 0}
				</span>
				<Button variant="default" onClick={cancel}>
					Cancel
				</Button>
			</>
		)
	return (
		<Button
			variant="default"
			leftSection={<IconDownload size={14} />}
			onClick={() => void start()}
			title="Runs that other desktops, or the appliances' own updates, made there"
		>
			Fetch from all
		</Button>
	)
}

/** What came of it. */
export function SyncAllNote({ sync: { now, answers, error, isGoing } }: { sync: SyncingAll }) {
	if (error !== undefined) return <ProblemNote error={error} />
	if (isGoing || !now) return null
	const failed = answers.flatMap(({ name, failure }) => (failure ? [{ name, failure }] : []))
	const added = answers.reduce((sum, one) => sum + one.added, 0)
	const missing = now.total - now.done
	const words = `${count(added, "run")} taken over from ${count(answers.length - failed.length, "appliance")}.`
	return (
		<Note tone={failed.length + missing > 0 ? "warn" : "good"} title={words}>
			{missing > 0 && <p>{count(missing, "appliance")} not asked: it was cancelled.</p>}
			{failed.map(({ name, failure }) => (
				<p key={name}>
					{name}: {problemOfFailure(failure).what}
				</p>
			))}
		</Note>
	)
}
