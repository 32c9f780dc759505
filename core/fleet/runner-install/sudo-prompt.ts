import { randomBytes } from "node:crypto"
import { FailureError } from "../../schema/failure.ts"
import type { Credentials } from "../ssh/credentials.ts"
import type { Deadline } from "../ssh/deadline.ts"
import type { RemoteProgram } from "../ssh/remote-program.ts"
import { placeOf } from "../ssh/route.ts"
import type { Session } from "../ssh/session.ts"

/**
 * Answers sudo, and nothing but sudo: its prompt is a random word that no other program can know. The password travels
 * on standard input alone, and only while sudo waits for it.
 */
export interface SudoPrompt {
	/** What sudo is to ask with. */
	readonly text: string
	/** Where the answer goes. */
	attach(program: RemoteProgram): void
	/** Looks at standard error so far and answers each new prompt once. */
	see(stderr: string, deadline: Deadline, stop: (failure: unknown) => void): void
	/** What the far side said, without the passwords that it was given: it may say back what it hears. */
	mask(text: string): string
	/** The runner starts: the last answer was right. */
	accepted(): void
	/**
	 * Sudo gave up, or nothing is known: the last answer must not be used again. One that was right before is, while a run
	 * there is awaited: it may have broken sudo for a while.
	 */
	rejected(): Promise<void>
}

export function createSudoPrompt(
	session: Session,
	{ credentials, isAwaited }: { credentials: Credentials; isAwaited?: (() => boolean) | undefined },
): SudoPrompt {
	const { host, user, via } = session.facts
	const text = `hotfix-${randomBytes(12).toString("hex")}:`
	// With the way there: behind another jump host, the same address is another machine.
	const name = ["sudo", ...via, placeOf(session.facts)].join(" ")
	let answered = 0
	let last: string | undefined
	const given = new Set<string>()
	const { promise: attached, resolve: attach } = Promise.withResolvers<RemoteProgram>()

	const isKept = (secret: string) => isAwaited?.() === true && credentials.isProved(name, secret)

	async function answer(): Promise<void> {
		const wrong = last !== undefined
		if (last !== undefined) {
			if (isKept(last)) throw new FailureError("sudo-refused", { host, user, reason: "wrong-password" })
			await credentials.forget(name, last)
		}
		last = await credentials.secret(name, async () => {
			const secret = await session.interview.sudoPassword(wrong)
			if (secret !== undefined) return secret
			if (wrong) throw new FailureError("sudo-refused", { host, user, reason: "wrong-password" })
			throw new FailureError("sudo-password-needed", { host, user })
		})
		given.add(last)
		await (await attached).write(Buffer.from(`${last}\n`))
	}

	return {
		text,
		attach,
		see(stderr, deadline, stop) {
			const prompts = stderr.split(text).length - 1
			if (prompts <= answered) return
			answered = prompts
			deadline.without(answer).catch(stop)
		},
		mask: (said) => [...given].reduce((masked, secret) => masked.replaceAll(secret, "***"), said),
		accepted() {
			if (last !== undefined) credentials.prove(name, last)
		},
		async rejected() {
			if (last !== undefined && !isKept(last)) await credentials.forget(name, last)
		},
	}
}
