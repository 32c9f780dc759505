import type { Answer, Question } from "../../schema/desktop.ts"
import { FailureError } from "../../schema/failure.ts"
import type { Asker, OpenQuestion } from "./asker.ts"
import { fingerprintOf, keyTypeOf } from "./host-key.ts"

/** What a server asks at sign-in, in its own words. */
export type SignInQuestions = Pick<Extract<Question, { kind: "sign-in-questions" }>, "title" | "text" | "prompts">

/**
 * The questions about one server while a session to it is opened. No asker, or a refusal: the answer is "no" or
 * undefined, and the caller fails with what was needed.
 */
export interface Interview {
	/** Whether a person trusts this host key. Asked once; a second connection attempt gets the same answer. */
	trusts(key: Buffer): Promise<boolean>
	password(): Promise<string | undefined>
	passphrase(path: string, wrong: boolean): Promise<string | undefined>
	sudoPassword(wrong: boolean): Promise<string | undefined>
	/**
	 * One answer a prompt; they are good for this one sign-in and kept nowhere. Withdrawn when `gone` is aborted: the
	 * server that asked has left.
	 */
	signInAnswers(questions: SignInQuestions, gone: AbortSignal): Promise<string[] | undefined>
	/** The question that is open now and worth waiting for: a server may lose patience before the person has answered. */
	readonly open: Promise<Answer> | undefined
}

export function createInterview(
	server: { name: string; host: string; port: number; user: string; via: string[]; isJump?: boolean },
	options: { asker?: Asker | undefined; signal?: AbortSignal | undefined },
): Interview {
	const { name, host, port, user, via } = server
	const trusted = new Map<string, Promise<boolean>>()
	let open: Promise<Answer> | undefined

	async function ask(question: OpenQuestion): Promise<Answer> {
		if (!options.asker) return { kind: "refuse" }
		const asking = orAborted(options.asker.ask(question), options.signal)
		open = asking
		try {
			return await asking
		} finally {
			if (open === asking) open = undefined
		}
	}
	async function secret(question: OpenQuestion): Promise<string | undefined> {
		const answer = await ask(question)
		return answer.kind === "secret" ? answer.secret : undefined
	}

	return {
		trusts(key) {
			const fingerprint = fingerprintOf(key)
			const asked =
				trusted.get(fingerprint) ??
				ask({ kind: "host-key", appliance: name, host, port, keyType: keyTypeOf(key), fingerprint }).then(
					(answer) => answer.kind === "trust",
				)
			trusted.set(fingerprint, asked)
			return asked
		},
		password: () =>
			secret({ kind: "password", appliance: name, host, port, via, user, ...(server.isJump && { jump: true }) }),
		passphrase: (path, wrong) => secret({ kind: "passphrase", appliance: name, path, wrong }),
		sudoPassword: (wrong) => secret({ kind: "sudo-password", appliance: name, user, wrong }),
		async signInAnswers(questions, gone) {
			if (!options.asker) return undefined
			const question = { kind: "sign-in-questions", appliance: name, host, user, ...questions } as const
			const answer = await orAborted(options.asker.ask(question, gone), gone)
			const isWhole = answer.kind === "answers" && answer.answers.length === questions.prompts.length
			return isWhole ? answer.answers : undefined
		},
		get open() {
			return open
		},
	}
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
	if (!signal) return work
	return new Promise((resolve, reject) => {
		const abort = () => reject(new FailureError("cancelled", { what: "the connection" }))
		if (signal.aborted) abort()
		signal.addEventListener("abort", abort, { once: true })
		work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort))
	})
}
