import { readFileSync } from "node:fs"
import type { Services } from "../fleet/services/types.ts"
import type { Answer, Question } from "../schema/desktop.ts"
import { FailureError } from "../schema/failure.ts"
import { plainText } from "../schema/plain-text.ts"
import type { ApplianceOptions } from "./appliance-options.ts"
import { askHidden, askLine, askSecret, askYes, plainLines } from "./terminal.ts"

type SignInQuestions = Extract<Question, { kind: "sign-in-questions" }>

const REFUSE: Answer = { kind: "refuse" }

/** Whether anything could be answered at all: by an option, or by a person at a terminal. */
export function canAnswer(options: ApplianceOptions): boolean {
	return Boolean(
		process.stdin.isTTY || options.trust || options.passwordFile || options.passphraseFile || options.sudoPasswordFile,
	)
}

/**
 * Answers the services' questions, one after the other, from options first and then from the terminal; without a
 * terminal every other question is refused. Ends when the signal is aborted.
 */
export async function answerQuestions(
	services: Services,
	options: ApplianceOptions,
	signal: AbortSignal,
): Promise<void> {
	for await (const change of services.state.follow(signal)) {
		if (change.type === "question-opened") await answerOne(services, change.question, options)
		if (change.type === "snapshot") for (const one of change.state.questions) await answerOne(services, one, options)
	}
}

async function answerOne(services: Services, question: Question, options: ApplianceOptions): Promise<void> {
	const answer = answerFromOptions(question, options) ?? (process.stdin.isTTY ? await askPerson(question) : REFUSE)
	try {
		services.questions.answer(question.id, answer)
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
			// What is given for the appliance must not go to a server on the way there.
			return question.jump ? undefined : secretFrom(options.passwordFile)
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

async function askAnswers({ appliance, title, text, prompts }: SignInQuestions): Promise<Answer> {
	const said = [title, text].map((words) => plainLines(words).trim()).filter(Boolean)
	process.stderr.write([`\n${plainText(appliance)} asks:`, ...said, ""].join("\n"))
	const answers: string[] = []
	for (const prompt of prompts) {
		const asked = `${plainLines(prompt.text).trim()} `
		answers.push(prompt.hidden ? await askHidden(asked) : await askLine(asked))
	}
	return { kind: "answers", answers }
}

async function askPerson(question: Question): Promise<Answer> {
	switch (question.kind) {
		case "host-key": {
			const { appliance, host, port, keyType, fingerprint } = question
			const text = `\n${appliance} (${host}, port ${port}) is not known yet. Its ${keyType} key has the fingerprint\n  ${fingerprint}\nDoes the appliance's owner see the same one? [yes/no] `
			return (await askYes(text)) ? { kind: "trust" } : REFUSE
		}
		case "password":
			return askSecret(`Password of ${question.user} on ${question.host}: `)
		case "passphrase":
			return askSecret(`${question.wrong ? "That was not it. " : ""}Passphrase of ${question.path}: `)
		case "sudo-password":
			return askSecret(
				`${question.wrong ? "That was not it. " : ""}Password of ${question.user} for sudo on ${question.appliance}: `,
			)
		case "sign-in-questions":
			return askAnswers(question)
	}
}
