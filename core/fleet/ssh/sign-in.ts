import { stat } from "node:fs/promises"
import type { AnyAuthMethod, ParsedKey, Prompt } from "ssh2"
import { FailureError } from "../../schema/failure.ts"
import type { Credentials } from "./credentials.ts"
import type { Interview } from "./interview.ts"
import { loadKey } from "./key-file.ts"
import { gatherKeys, type RingKey } from "./key-ring.ts"
import { RingAgent } from "./ring-agent.ts"
import type { Target } from "./route.ts"
import { type Candidate, firstCandidates, furtherFactors, wireName } from "./sign-in-methods.ts"
import { createSignInSecrets, NOBODY } from "./sign-in-secrets.ts"

/** Factors that one server may ask for, one after the other. */
const MAX_FACTORS = 5

/** How one connection signs in: one method after the other, each tried once, never a password before a key. */
export interface SignInAttempt {
	/**
	 * The next method, or undefined when there is none left. `offered`: what the server still accepts (null before its
	 * first word); `partial`: the last one was right and a further one is wanted.
	 */
	next(offered: readonly string[] | null, partial: boolean): Promise<AnyAuthMethod | undefined>
	/** The method that was tried last; of keys, the one that the server took. */
	readonly method: string
	/** Methods, agent and key files that were tried. */
	readonly tried: string[]
	/** How many keys were offered. */
	readonly keys: number
	/** Why a method could not be tried, or led no further. */
	readonly untried: string | undefined
	/** A key that the server takes and that could not be opened: a better answer than that everything was refused. */
	readonly blocked: FailureError | undefined
	/** The server let us in. */
	proveSecrets(): void
	/** Forgets a password that was refused; not a proved one while a run there is awaited. */
	forgetSecrets(): void
}

export interface SignInDeps {
	target: Target
	credentials: Credentials
	interview: Interview
	/** See `SessionDeps`. */
	isAwaited: () => boolean
	/** Where the agent listens; absent: there is none. */
	agentSocket: string | undefined
	/** The time that `work` takes is a person's and does not count. */
	pause: <T>(work: () => Promise<T>) => Promise<T>
	/** Aborted when the connection has ended: whatever is still asked for it is in vain. */
	gone: AbortSignal
	/** Ends the attempt. */
	fail: (failure: unknown) => void
}

export function createSignInAttempt(deps: SignInDeps): SignInAttempt {
	const { target } = deps
	const username = target.user
	const secrets = createSignInSecrets(deps)
	const queue = firstCandidates(target)
	const tried: string[] = []
	let offeredNow: readonly string[] = []
	let method = "none"
	let keys = 0
	let factors = 1
	let hasAsked = false
	let untried: string | undefined
	let blocked: FailureError | undefined

	async function prepare(candidate: Candidate): Promise<AnyAuthMethod | undefined> {
		switch (candidate.kind) {
			case "keys":
				queue.unshift(...(await gather()))
				return undefined
			case "ring-key":
				keys++
				note(candidate.key.source)
				return { type: "agent", username, agent: agentOf(candidate.key) }
			case "key":
				keys++
				note("publickey")
				return { type: "publickey", username, key: await keyOf(deps, candidate.path) }
			case "password":
				return preparePassword()
			case "keyboard-interactive":
				note("keyboard-interactive")
				return { type: "keyboard-interactive", username, prompt: answerPrompts }
		}
	}
	function note(what: string): void {
		if (!tried.includes(what)) tried.push(what)
		method = what
	}
	async function gather(): Promise<Candidate[]> {
		const { agentSocket, pause } = deps
		const { identityFiles, identitiesOnly } = target
		const unlock = (path: string) => pause(() => keyOf(deps, path))
		const ring = await gatherKeys({ agentSocket, identityFiles, identitiesOnly, unlock })
		if (ring.problems.length > 0) untried = ring.problems.join("; ")
		else if (ring.keys.length === 0) untried = "there is no key to try"
		return ring.keys.map((key) => ({ kind: "ring-key", key }))
	}
	/** Each key as an agent of its own: of one with several, ssh2 tries all though the first was right. */
	function agentOf(key: RingKey): RingAgent {
		return new RingAgent(key, (failure) => {
			method = key.source === "agent" ? "agent" : "publickey"
			if (failure instanceof FailureError) blocked ??= failure
		})
	}
	async function preparePassword(): Promise<AnyAuthMethod | undefined> {
		const password = await secrets.password()
		if (password === undefined) {
			untried = NOBODY
			return undefined
		}
		note("password")
		return { type: "password", username, password }
	}
	function answerPrompts(
		title: string,
		text: string,
		_language: string,
		prompts: Prompt[],
		finish: (answers: string[]) => void,
	): void {
		deps
			.pause(() => secrets.answer(title, text, prompts, refuse))
			.then((answers) => {
				if (!deps.gone.aborted) finish(answers)
			}, deps.fail)
	}
	function refuse(reason: string): FailureError {
		const { host, port, user } = target
		return new FailureError("authentication-failed", { host, port, user, tried, offered: [...offeredNow], reason })
	}
	/** Before a person is asked for anything, and where there is nothing to try: what would the server take at all? */
	function askFirst(...later: Candidate[]): AnyAuthMethod {
		queue.unshift(...later)
		hasAsked = true
		return { type: "none", username }
	}

	return {
		tried,
		get method() {
			return method
		},
		get keys() {
			return keys
		},
		get untried() {
			return untried
		},
		get blocked() {
			return blocked
		},
		async next(offered, partial) {
			if (offered) offeredNow = offered
			if (partial && factors++ < MAX_FACTORS) queue.splice(0, queue.length, ...furtherFactors(target, offeredNow))
			for (let candidate = queue.shift(); candidate; candidate = queue.shift()) {
				const name = wireName(candidate)
				if (offered && !offered.includes(name)) continue
				if (candidate.kind === "password" && secrets.isJudged && !partial) continue
				if (!offered && name !== "publickey") return askFirst(candidate)
				const prepared = await prepare(candidate)
				if (prepared) return prepared
			}
			return offered || hasAsked ? undefined : askFirst()
		},
		proveSecrets: secrets.prove,
		forgetSecrets: secrets.forget,
	}
}

/** A key file that was replaced is read anew. */
async function keyOf({ credentials, interview }: SignInDeps, path: string): Promise<ParsedKey> {
	const version = await stat(path).then(
		({ mtimeMs, size }) => `${mtimeMs} ${size}`,
		() => "missing",
	)
	return credentials.key(`${path} ${version}`, () => loadKey(path, (wrong) => interview.passphrase(path, wrong)))
}
