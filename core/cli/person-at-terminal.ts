import type { Answer, Question } from "../schema/desktop.ts"
import { plainLines, plainText } from "../schema/plain-text.ts"
import type { HostKeyQuestion, Person } from "./answer-questions.ts"
import { keyTable, parseChoice } from "./host-key-table.ts"
import { askHidden, askLine } from "./terminal.ts"

type SignInQuestions = Extract<Question, { kind: "sign-in-questions" }>

const REFUSE: Answer = { kind: "refuse" }

/** Whoever sits at the terminal; undefined where there is none. */
export function personAtTerminal(): Person | undefined {
	return process.stdin.isTTY ? { ask, review } : undefined
}

/** Whether whoever sits at the terminal says yes; without a terminal nobody is asked, and it is done. */
export async function isAgreed(question: string): Promise<boolean> {
	return !process.stdin.isTTY || isYes(await askLine(question))
}

async function ask(question: Question, signal: AbortSignal): Promise<Answer> {
	switch (question.kind) {
		case "host-key": {
			const { appliance, host, port, keyType, fingerprint } = question
			const text = `\n${plainText(appliance)} (${plainText(host)}, port ${port}) is not known yet. Its ${plainText(keyType)} key has the fingerprint\n  ${plainText(fingerprint)}\nDoes the appliance's owner see the same one? [yes/no] `
			return isYes(await askLine(text, signal)) ? { kind: "trust" } : REFUSE
		}
		case "password":
			return askSecret(`Password of ${question.user} on ${question.host}: `, signal)
		case "passphrase":
			return askSecret(`${again(question)}Passphrase of ${question.path}: `, signal)
		case "sudo-password":
			return askSecret(`${again(question)}Password of ${question.user} for sudo on ${question.appliance}: `, signal)
		case "sign-in-questions":
			return askAnswers(question, signal)
	}
}

function again({ wrong }: { wrong: boolean }): string {
	return wrong ? "That was not it. " : ""
}

/** The end of input counts as no. */
function isYes(line: string | undefined): boolean {
	return /^y(es)?$/i.test((line ?? "").trim())
}

/** An empty line is a refusal. */
async function askSecret(text: string, signal: AbortSignal): Promise<Answer> {
	const secret = await askHidden(plainText(text), signal)
	return secret ? { kind: "secret", secret } : REFUSE
}

/** The words of the server stand behind a bar: they are not ours, and may be a lie. */
async function askAnswers({ appliance, host, title, text, prompts }: SignInQuestions, signal: AbortSignal) {
	const said = [title, text].filter((words) => words.trim() !== "").map(behindBar)
	const head = `\n${plainText(appliance)} asks at the sign-in, in its own words; the answers go to ${plainText(host)}:`
	process.stderr.write(`${[head, ...said].join("\n")}\n`)
	const answers: string[] = []
	for (const prompt of prompts) {
		const asked = `${behindBar(prompt.text)} `
		const answer = prompt.hidden ? await askHidden(asked, signal) : await askLine(asked, signal)
		// The end of input is no answer.
		if (answer === undefined) return REFUSE
		answers.push(answer)
	}
	return { kind: "answers", answers } satisfies Answer
}

function behindBar(text: string): string {
	return plainLines(text.trim()).replace(/^/gm, "  | ")
}

/** Asks until the answer makes sense; the end of input trusts none. */
async function review(questions: HostKeyQuestion[], signal: AbortSignal): Promise<HostKeyQuestion[]> {
	process.stderr.write(`\n${keyTable(questions).join("\n")}\n`)
	for (;;) {
		const line = await askLine("Trust all, none, or numbers (1,3-5): ", signal)
		const chosen = line === undefined ? [] : parseChoice(line, questions.length)
		if (chosen) return questions.filter((_, index) => chosen.includes(index + 1))
		process.stderr.write(`cannot read that: all, none, or numbers from 1 to ${questions.length} are needed\n`)
	}
}
