import { readFileSync } from "node:fs"
import type { Services } from "../fleet/services/types.ts"
import type { Answer, Question, StateChange } from "../schema/desktop.ts"
import { FailureError } from "../schema/failure.ts"
import type { ApplianceOptions } from "./appliance-options.ts"
import { createWaitingQuestions, type WaitingQuestions } from "./waiting-questions.ts"

export type HostKeyQuestion = Extract<Question, { kind: "host-key" }>

/** Somebody who can be asked; one question after the other, and several host keys at once. */
export interface Person {
	ask(question: Question, signal: AbortSignal): Promise<Answer>
	/** The questions whose keys are trusted; the others are refused. */
	review(questions: HostKeyQuestion[], signal: AbortSignal): Promise<HostKeyQuestion[]>
}

type Answering = Pick<Services, "state" | "questions">

const REFUSE: Answer = { kind: "refuse" }

/** Whether anything could be answered at all: by an option, or by a person at a terminal. */
export function canAnswer(options: ApplianceOptions): boolean {
	return Boolean(
		process.stdin.isTTY || options.trust || options.passwordFile || options.passphraseFile || options.sudoPasswordFile,
	)
}

/**
 * Answers the services' questions from options first and then by a person; where nobody is at a terminal every other
 * question is refused. Ends when the signal is aborted.
 */
export async function answerQuestions(
	services: Answering,
	options: ApplianceOptions,
	signal: AbortSignal,
	person: Person | undefined,
): Promise<void> {
	const waiting = createWaitingQuestions(signal)
	const takeIn = async () => {
		for await (const change of services.state.follow(signal)) {
			waiting.close(closedBy(change))
			for (const question of openedBy(change)) {
				const answer = answerFromOptions(question, options) ?? (person ? undefined : REFUSE)
				if (answer) give(services, question, answer)
				else waiting.add(question)
			}
		}
	}
	await Promise.all([takeIn(), person ? askPerson(services, waiting, person, signal) : undefined])
}

/** Asks what waits, in its order; host keys that come within a moment are asked together. */
async function askPerson(services: Answering, waiting: WaitingQuestions, person: Person, signal: AbortSignal) {
	for (;;) {
		const question = await waiting.first()
		if (!question) return
		const keys = question.kind === "host-key" ? await waiting.gatherHostKeys() : []
		if (keys.length > 1) {
			const trusted = await person.review(keys, signal)
			for (const key of keys) give(services, key, trusted.includes(key) ? { kind: "trust" } : REFUSE)
			waiting.close(({ id }) => keys.some((key) => key.id === id))
		} else if (waiting.has(question)) {
			give(services, question, await person.ask(question, signal))
			waiting.close(({ id }) => id === question.id)
		}
	}
}

function openedBy(change: StateChange): Question[] {
	if (change.type === "question-opened") return [change.question]
	return change.type === "snapshot" ? change.state.questions : []
}

function closedBy(change: StateChange): (question: Question) => boolean {
	if (change.type === "question-closed") return ({ id }) => id === change.id
	if (change.type === "snapshot") return ({ id }) => !change.state.questions.some((one) => one.id === id)
	return () => false
}

function give(services: Answering, { id }: Question, answer: Answer): void {
	try {
		services.questions.answer(id, answer)
	} catch (error) {
		// Somebody else answered meanwhile, or the connection that asked has gone.
		if (!(error instanceof FailureError && error.failure.code === "not-found")) throw error
	}
}

/** An answer that was given on the command line; undefined when none was. A secret from a file is offered once. */
export function answerFromOptions(question: Question, options: ApplianceOptions): Answer | undefined {
	switch (question.kind) {
		case "host-key":
			return options.trust?.includes(question.fingerprint) ? { kind: "trust" } : undefined
		case "password":
			return secretFrom(options.passwordFile)
		case "passphrase":
			return question.wrong ? undefined : secretFrom(options.passphraseFile)
		case "sudo-password":
			return question.wrong ? undefined : secretFrom(options.sudoPasswordFile)
		case "sign-in-questions":
			return undefined
	}
}

function secretFrom(file: string | undefined): Answer | undefined {
	if (file === undefined) return undefined
	try {
		return { kind: "secret", secret: readFileSync(file, "utf8").replace(/\r?\n$/, "") }
	} catch (cause) {
		throw new FailureError("bad-request", { reason: `cannot read ${file}: name a file that you may read` }, { cause })
	}
}
