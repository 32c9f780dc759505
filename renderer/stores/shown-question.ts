import type { Question } from "../../core/schema/desktop.ts"

export type QuestionOf<T extends Question["kind"]> = Extract<Question, { kind: T }>

/** What the dialog asks: one question, or every open one about a host key in one table. */
export type Shown = { dialog: "one"; id: string } | { dialog: "table" }

export function hostKeysOf(questions: readonly Question[]): QuestionOf<"host-key">[] {
	return questions.filter((one) => one.kind === "host-key")
}

/**
 * What the dialog asks next: what it asks already, as long as that is open, so that nothing changes under a person's
 * hands; else the oldest question, or the table where that is about one of several host keys.
 */
export function nextShown(before: Shown | undefined, questions: readonly Question[]): Shown | undefined {
	const keys = hostKeysOf(questions)
	if (before?.dialog === "table" && keys.length > 0) return before
	if (before?.dialog === "one" && questions.some(({ id }) => id === before.id)) return before
	const first = questions[0]
	if (!first) return undefined
	return first.kind === "host-key" && keys.length > 1 ? { dialog: "table" } : { dialog: "one", id: first.id }
}
