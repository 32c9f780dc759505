import { Button } from "@mantine/core"
import { useEffect, useState } from "react"
import type { RecordedFile, RecordedSide } from "../../../core/schema/recorded-file.ts"
import { Awaited } from "../../components/awaited.tsx"
import { Note } from "../../components/note.tsx"
import { ProblemNote } from "../../components/problem.tsx"
import { SideBySide } from "../../components/side-by-side.tsx"
import { useStoppable } from "../../components/use-stoppable.ts"
import { problemOfFailure } from "../../rpc/problem.ts"
import { useApp } from "../../stores/context.ts"
import classes from "./journal.module.css"
import type { FileChange } from "./journal-events.ts"

/** What a run found at a destination beside what it left there. It is read when it is shown. */
export function FileDifference({ runId, file }: { runId: string; file: FileChange }) {
	const { found, error, isStopped, read, stop } = useRecordedFile(runId, file)
	if (error !== undefined) return <ProblemNote error={error} onRetry={read} />
	if (found) return <Sides {...found} />
	if (isStopped)
		return (
			<Note
				tone="calm"
				title="Stopped: nothing was read."
				actions={
					<Button size="compact-xs" variant="default" onClick={read}>
						Read it
					</Button>
				}
			/>
		)
	return (
		<Awaited label={`Reading ${file.destination}`} onStop={stop}>
			Looking for both contents: in the module's versions here, then on the appliance
		</Awaited>
	)
}

function useRecordedFile(runId: string, { destination, before, after }: FileChange) {
	const { api } = useApp()
	const { run, stop } = useStoppable()
	const [found, setFound] = useState<RecordedFile>()
	const [error, setError] = useState<unknown>()
	const [isStopped, setStopped] = useState(false)
	const [turn, setTurn] = useState(0)
	// biome-ignore lint/correctness/useExhaustiveDependencies: a turn is another attempt
	useEffect(() => {
		setError(undefined)
		setStopped(false)
		const asked = { runId, destination, ...(before && { before }), ...(after && { after }) }
		run((signal) => api.history.compareFile(asked, { signal })).then((read) => read && setFound(read), setError)
		return stop
	}, [api, run, stop, runId, destination, before, after, turn])
	const end = () => {
		setStopped(true)
		stop()
	}
	return { found, error, isStopped, stop: end, read: () => setTurn(turn + 1) }
}

function Sides({ before, after }: RecordedFile) {
	const [left, right] = [textOf(before), textOf(after)]
	if (left !== undefined && right !== undefined)
		return (
			<div className={classes.difference}>
				<SideBySide
					left={left}
					right={right}
					leftTitle={titleOf("Before", before)}
					rightTitle={titleOf("After", after)}
				/>
			</div>
		)
	return (
		<Note tone="calm" title="The two cannot be shown beside each other.">
			<p>Before: {wordsFor(before)}</p>
			<p>After: {wordsFor(after)}</p>
		</Note>
	)
}

/** No file is as good as an empty one beside another. */
function textOf(side: RecordedSide): string | undefined {
	return side.state === "text" ? side.text : side.state === "none" ? "" : undefined
}

const origins = { module: "from the module", appliance: "from the appliance" }

function titleOf(when: string, side: RecordedSide): string {
	return side.state === "text" ? `${when} (${origins[side.from]})` : `${when}: no file`
}

function wordsFor(side: RecordedSide): string {
	if (side.state === "text") return `it is a text, ${origins[side.from]}.`
	if (side.state === "failed") {
		const { what, next } = problemOfFailure(side.failure)
		return `it is not on this desktop, and the appliance could not be asked. ${what} ${next}`
	}
	return words[side.state]
}

const words = {
	none: "there was no file.",
	binary: "it is no text.",
	"too-large": "it is too large to be shown line by line.",
	gone: "its content is not kept any more, neither here nor on the appliance.",
}
