import type { Prompt } from "ssh2"
import { plainText } from "../../schema/plain-text.ts"
import type { SignInQuestions } from "./interview.ts"

/** As many as `questionSchema` takes; a server that asks for more is none that a person could answer. */
export const MAX_PROMPTS = 20

/** What a server asks at sign-in, cut and made plain: its words are shown to a person, and may be hostile. */
export function makeSignInQuestions(title: string, text: string, prompts: readonly Prompt[]): SignInQuestions {
	return {
		title: plainLines(title, 1000),
		text: plainLines(text, 4000),
		prompts: prompts.map(({ prompt, echo }) => ({ text: plainLines(prompt, 1000), hidden: echo !== true })),
	}
}

/**
 * Whether a server asks for the account's password and nothing else. Only then may it get the remembered one; a one-time
 * code, a new password or whatever a module thinks of is for a person to judge.
 */
export function isPasswordPrompt(prompts: readonly Prompt[]): boolean {
	const [only] = prompts
	if (!only || prompts.length !== 1 || only.echo === true || only.prompt.length > 120) return false
	return PASSWORD.test(only.prompt) && !OTHER.test(only.prompt)
}

const PASSWORD = /passw|passwort|kennwort|contraseña|mot de passe|senha|wachtwoord|пароль|密码|密碼|パスワード/i
const OTHER = /one.?time|single.?use|\b[ht]?otp\b|oath|token|code|\b(pin|new|old|again|current|retype|repeat)\b/i

/** What was asked, for a failure. */
export function describeQuestions({ title, text, prompts }: SignInQuestions): string {
	const words = [title, text, ...prompts.map((prompt) => prompt.text)].map((said) => said.trim()).filter(Boolean)
	return words.join(" ").replaceAll("\n", " ") || "nothing in words"
}

function plainLines(text: string, limit: number): string {
	const lines = text
		.slice(0, limit * 2)
		.replaceAll("\r", "")
		.split("\n")
	const plain = lines.map((line) => plainText(line, limit)).join("\n")
	return plain.length > limit ? `${plain.slice(0, limit - 1)}…` : plain
}
