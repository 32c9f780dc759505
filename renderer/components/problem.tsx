import { Button } from "@mantine/core"
import type { Failure } from "../../core/schema/failure.ts"
import { type Problem, problemOf, problemOfFailure } from "../rpc/problem.ts"
import { Note } from "./note.tsx"
import type { Tone } from "./outcome.tsx"

interface ProblemProps {
	error?: unknown
	failure?: Failure
	tone?: Tone
	onRetry?: () => void
	/** What `onRetry` does, where it is not the same once more. */
	retryWords?: string
}

/** What went wrong and the next step to take, from an error of a call or from a failure as data. */
export function ProblemNote({ error, failure, tone = "bad", onRetry, retryWords = "Try again" }: ProblemProps) {
	const problem: Problem = failure ? problemOfFailure(failure) : problemOf(error)
	const retry = onRetry && (
		<Button size="compact-xs" variant="default" onClick={onRetry}>
			{retryWords}
		</Button>
	)
	return (
		<Note tone={tone} title={problem.what} actions={retry} alert>
			{problem.next}
		</Note>
	)
}
