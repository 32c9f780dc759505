import { useEffect, useState } from "react"
import type { Question } from "../../../core/schema/desktop.ts"
import { nextShown, type Shown } from "../../stores/shown-question.ts"

/** Milliseconds in which questions about host keys gather, so that those of one run come in one table. */
const GATHER_MS = 300

/** What the dialog asks now, and a way to ask for the table instead. */
export function useShown(questions: readonly Question[]): [Shown | undefined, (shown: Shown) => void] {
	const [shown, setShown] = useState<Shown>()
	const next = nextShown(shown, questions)
	const mustGather = shown === undefined && questions[0]?.kind === "host-key"
	const isNew = JSON.stringify(next) !== JSON.stringify(shown)
	// While rendering, so that no frame shows a question that is closed.
	if (isNew && !mustGather) setShown(next)
	useEffect(() => {
		if (!mustGather) return
		const timer = setTimeout(() => setShown(nextShown(undefined, questions)), GATHER_MS)
		return () => clearTimeout(timer)
	}, [mustGather, questions])
	return [isNew ? undefined : shown, setShown]
}
