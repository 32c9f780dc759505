import { randomUUID } from "node:crypto"
import type { Answer, Question } from "../../schema/desktop.ts"
import { FailureError } from "../../schema/failure.ts"
import type { StateBroadcast } from "./state-service.ts"
import type { QuestionBody, QuestionsService } from "./types.ts"

type Open = { question: Question; askers: Set<(answer: Answer) => void> }

const REFUSE: Answer = { kind: "refuse" }

export type Questions = QuestionsService & {
	/**
	 * Asks a person; several who ask the same share one question and its answer. Refused when the signal is aborted;
	 * the question closes when nobody waits for it any more.
	 */
	ask(question: QuestionBody, signal?: AbortSignal): Promise<Answer>
	/** Refuses whatever is open. */
	close(): void
}

/** Questions to a person: asked once, answered by whichever client is first. Answers are never stored. */
export function createQuestions(state: Pick<StateBroadcast, "publish">, asks: boolean): Questions {
	const open = new Map<string, Open>()
	let isClosed = !asks

	const publishClosed = (id: string) => {
		open.delete(id)
		state.publish({ type: "question-closed", id })
	}
	const settle = ({ question, askers }: Open, answer: Answer) => {
		publishClosed(question.id)
		for (const tell of askers) tell(answer)
	}
	const findOrOpen = (body: QuestionBody): Open => {
		const known = [...open.values()].find(({ question }) => sameKey(question) === sameKey(body))
		if (known) return known
		const entry: Open = { question: { ...body, id: randomUUID() }, askers: new Set() }
		open.set(entry.question.id, entry)
		state.publish({ type: "question-opened", question: entry.question })
		return entry
	}

	return {
		open: () => [...open.values()].map(({ question }) => question),
		ask(body, signal) {
			if (isClosed || signal?.aborted) return Promise.resolve(REFUSE)
			const entry = findOrOpen(body)
			return new Promise((resolve) => {
				const finish = (answer: Answer) => {
					signal?.removeEventListener("abort", leave)
					resolve(answer)
				}
				const leave = () => {
					entry.askers.delete(finish)
					if (entry.askers.size === 0) publishClosed(entry.question.id)
					finish(REFUSE)
				}
				entry.askers.add(finish)
				signal?.addEventListener("abort", leave, { once: true })
			})
		},
		answer(id, answer) {
			const entry = open.get(id)
			if (!entry) throw new FailureError("not-found", { kind: "question", id })
			if (!fits(entry.question, answer))
				throw new FailureError("bad-request", {
					reason: `a ${entry.question.kind} question has no answer ${answer.kind}`,
				})
			settle(entry, answer)
		},
		close() {
			isClosed = true
			for (const entry of [...open.values()]) settle(entry, REFUSE)
		},
	}
}

function fits(question: Question, answer: Answer): boolean {
	switch (answer.kind) {
		case "refuse":
			return true
		case "trust":
			return question.kind === "host-key"
		case "answers":
			return question.kind === "sign-in-questions" && answer.answers.length === question.prompts.length
		case "secret":
			return question.kind !== "host-key" && question.kind !== "sign-in-questions"
	}
}

/** Two questions with the same key mean the same to the person, whichever appliance's connection asks. */
function sameKey(question: QuestionBody): string {
	switch (question.kind) {
		case "host-key":
			return JSON.stringify(["host-key", question.host, question.port, question.keyType, question.fingerprint])
		case "password":
			return JSON.stringify(["password", question.appliance, question.host, question.port, question.via, question.user])
		case "passphrase":
			return JSON.stringify(["passphrase", question.path, question.wrong])
		case "sudo-password":
			return JSON.stringify(["sudo-password", question.appliance, question.user, question.wrong])
		case "sign-in-questions":
			// A one-time code is good for one sign-in only: each asks for itself.
			return randomUUID()
	}
}
