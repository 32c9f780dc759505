import { setTimeout as sleep } from "node:timers/promises"
import type { Question } from "../schema/desktop.ts"
import type { HostKeyQuestion } from "./answer-questions.ts"

/** Host keys are asked together when no other one came for so long, milliseconds; at most for five times that. */
const GATHER_MS = 300
const MAX_ROUNDS = 5

export type WaitingQuestions = ReturnType<typeof createWaitingQuestions>

/** Questions that wait for a person, in the order in which they came. */
export function createWaitingQuestions(signal: AbortSignal) {
	const questions = new Map<string, Question>()
	let wake = () => {}
	signal.addEventListener("abort", () => wake())

	const hostKeys = () => [...questions.values()].filter((one): one is HostKeyQuestion => one.kind === "host-key")
	return {
		add(question: Question) {
			questions.set(question.id, question)
			wake()
		},
		/** Takes out those that nobody waits for any more. */
		close(isClosed: (question: Question) => boolean) {
			for (const question of questions.values()) if (isClosed(question)) questions.delete(question.id)
		},
		has: ({ id }: Question) => questions.has(id),
		/** The oldest one, as soon as there is one; undefined once the signal is aborted. */
		async first(): Promise<Question | undefined> {
			while (!signal.aborted) {
				const [oldest] = questions.values()
				if (oldest) return oldest
				await new Promise<void>((resolve) => (wake = resolve))
			}
			return undefined
		},
		/** The host keys that wait, when no more come. */
		async gatherHostKeys(): Promise<HostKeyQuestion[]> {
			for (let round = 0, before = 0; round < MAX_ROUNDS && hostKeys().length > before; round++) {
				before = hostKeys().length
				await sleep(GATHER_MS)
			}
			return hostKeys()
		},
	}
}
