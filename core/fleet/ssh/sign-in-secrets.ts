import type { Prompt } from "ssh2"
import { FailureError } from "../../schema/failure.ts"
import type { Credentials } from "./credentials.ts"
import type { Interview } from "./interview.ts"
import { placeOf, type Target } from "./route.ts"
import { describeQuestions, isPasswordPrompt, MAX_PROMPTS, makeSignInQuestions } from "./sign-in-questions.ts"

/** The password and the answers of one sign-in. */
export interface SignInSecrets {
	/** Undefined where nobody gives it and there may be another way in. Fails with `password-needed`. */
	password(): Promise<string | undefined>
	/**
	 * Answers what a server asks: with the remembered password where it asks for that alone, else with what a person says
	 * just now. `refuse` makes the failure of why there is no answer.
	 */
	answer(title: string, text: string, prompts: Prompt[], refuse: (reason: string) => FailureError): Promise<string[]>
	/** The server had the password as an answer already: once more would count as a second failure. */
	readonly isJudged: boolean
	/** The server let us in: the password is right, whatever a hotfix may do to the sign-in later. */
	prove(): void
	/** Forgets a password that was refused; not a proved one while a run there is awaited. */
	forget(): void
}

export function createSignInSecrets(deps: {
	target: Target
	credentials: Credentials
	interview: Interview
	gone: AbortSignal
	isAwaited: () => boolean
}): SignInSecrets {
	const { target, credentials, interview, isAwaited } = deps
	const { host, port, user } = target
	// With the way there: behind another jump host, the same address is another machine.
	const name = ["password", ...target.via, placeOf(target)].join(" ")
	let used: string | undefined
	let isPrompted = false

	async function password(): Promise<string | undefined> {
		try {
			used = await credentials.secret(name, async () => {
				const given = await interview.password()
				if (given !== undefined) return given
				throw new FailureError("password-needed", { host, port, user })
			})
			return used
		} catch (error) {
			const isNeeded = error instanceof FailureError && error.failure.code === "password-needed"
			if (target.signIn || !isNeeded) throw error
			return undefined
		}
	}

	return {
		password,
		get isJudged() {
			return isPrompted && used !== undefined
		},
		async answer(title, text, prompts, refuse) {
			if (prompts.length > MAX_PROMPTS) throw refuse(`the server asks ${prompts.length} questions at once`)
			// Asked for a second time, it was wrong or something else is meant.
			if (isPasswordPrompt(prompts) && !isPrompted) {
				isPrompted = true
				const given = await password()
				if (given === undefined) throw refuse(NOBODY)
				return [given]
			}
			const questions = makeSignInQuestions(title, text, prompts)
			const answers = await interview.signInAnswers(questions, deps.gone)
			if (!answers) throw refuse(`the server asks: ${describeQuestions(questions)}`)
			return answers
		},
		prove() {
			if (used !== undefined) credentials.prove(name, used)
		},
		forget() {
			if (used === undefined || (isAwaited() && credentials.isProved(name, used))) return
			void credentials.forget(name, used)
		},
	}
}

/** Why there was no password. */
export const NOBODY = "nobody gave the password"
