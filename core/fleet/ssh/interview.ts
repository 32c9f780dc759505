import type { Appliance } from "../../schema/appliance.ts"
import type { Answer } from "../../schema/desktop.ts"
import { FailureError } from "../../schema/failure.ts"
import type { Asker, OpenQuestion } from "./asker.ts"
import { fingerprintOf, keyTypeOf } from "./host-key.ts"

/**
 * The questions about one appliance while a session to it is opened. No asker, or a refusal: the answer is "no" or
 * undefined, and the caller fails with what was needed.
 */
export interface Interview {
	/** Whether a person trusts this host key. Asked once; a second connection attempt gets the same answer. */
	trusts(key: Buffer): Promise<boolean>
	password(): Promise<string | undefined>
	passphrase(path: string, wrong: boolean): Promise<string | undefined>
	sudoPassword(wrong: boolean): Promise<string | undefined>
	/** The question that is open now, if any: a server may lose patience before the person has answered. */
	readonly open: Promise<Answer> | undefined
}

export function createInterview(appliance: Appliance, options: { asker?: Asker; signal?: AbortSignal }): Interview {
	const { name, host, port, user } = appliance
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
		password: () => secret({ kind: "password", appliance: name, host, user }),
		passphrase: (path, wrong) => secret({ kind: "passphrase", appliance: name, path, wrong }),
		sudoPassword: (wrong) => secret({ kind: "sudo-password", appliance: name, user, wrong }),
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
