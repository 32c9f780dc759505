import type { Answer, Question } from "../../schema/desktop.ts"

/** A question before it has an id; whoever shows it gives it one. */
export type OpenQuestion = Question extends infer Q ? (Q extends Question ? Omit<Q, "id"> : never) : never

/**
 * The one way in which a session asks a person. Where nobody can answer (no terminal, no window) there is no asker, and
 * what would have been asked becomes a typed failure. An answer stays in memory and is never logged.
 */
export interface Asker {
	/** `gone`: nobody waits for the answer any more; the question is taken back. */
	ask(question: OpenQuestion, gone?: AbortSignal): Promise<Answer>
}
