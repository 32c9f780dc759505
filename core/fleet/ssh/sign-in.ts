import { stat } from "node:fs/promises"
import type { AnyAuthMethod, Prompt } from "ssh2"
import type { Appliance } from "../../schema/appliance.ts"
import { FailureError } from "../../schema/failure.ts"
import type { Credentials } from "./credentials.ts"
import type { Interview } from "./interview.ts"
import { expandHome, loadKey } from "./key-file.ts"

type Candidate =
	| { kind: "agent" }
	| { kind: "key"; path: string }
	| { kind: "password" }
	| { kind: "keyboard-interactive" }

/** How one connection signs in: one method after the other, each tried once, never a password before a key. */
export interface SignInAttempt {
	/**
	 * The next method, or undefined when there is none left. `offered`: what the server still accepts (null before its
	 * first word); `partial`: the last one was right and a further one is wanted.
	 */
	next(offered: readonly string[] | null, partial: boolean): Promise<AnyAuthMethod | undefined>
	readonly tried: string[]
	readonly offered: string[]
	/** Why a method could not be tried at all. */
	readonly untried: string | undefined
	/** Forgets a password that was refused. */
	forgetSecrets(): void
}

export interface SignInDeps {
	appliance: Appliance
	credentials: Credentials
	interview: Interview
	/** Where the agent listens; absent: there is none. */
	agentSocket: string | undefined
}

export function createSignInAttempt(deps: SignInDeps): SignInAttempt {
	const { appliance } = deps
	const queue = firstCandidates(appliance)
	const tried: string[] = []
	let offeredNow: string[] = []
	let untried: string | undefined
	let password: string | undefined

	async function prepare(candidate: Candidate): Promise<AnyAuthMethod | undefined> {
		const username = appliance.user
		switch (candidate.kind) {
			case "agent":
				if (!deps.agentSocket) {
					untried = "no agent is running"
					return undefined
				}
				return { type: "agent", username, agent: deps.agentSocket }
			case "key":
				return { type: "publickey", username, key: await keyOf(deps, candidate.path) }
			case "password":
				password = await passwordOf(deps)
				return { type: "password", username, password }
			case "keyboard-interactive":
				password = await passwordOf(deps)
				return { type: "keyboard-interactive", username, prompt: answerPrompts(password, (why) => (untried = why)) }
		}
	}

	return {
		tried,
		get offered() {
			return offeredNow
		},
		get untried() {
			return untried
		},
		async next(offered, partial) {
			if (offered) offeredNow = [...offered]
			if (partial) queue.push(...secondFactors(appliance))
			for (let candidate = queue.shift(); candidate; candidate = queue.shift()) {
				const name = wireName(candidate)
				if (offered && !offered.includes(name)) continue
				// The same password twice would count as two failures, unless the server took none by the first method.
				const wasJudged = tried.includes("password") && offeredNow.includes("password")
				if (candidate.kind === "keyboard-interactive" && wasJudged) continue
				const method = await prepare(candidate)
				if (!method) continue
				tried.push(candidate.kind === "agent" ? "agent" : name)
				return method
			}
			return undefined
		},
		forgetSecrets() {
			if (password !== undefined) deps.credentials.forget(passwordName(appliance), password)
		},
	}
}

function firstCandidates({ signIn }: Appliance): Candidate[] {
	switch (signIn.method) {
		case "agent":
			return [{ kind: "agent" }]
		case "key":
			return [{ kind: "key", path: expandHome(signIn.path) }]
		case "password":
			return [{ kind: "password" }, { kind: "keyboard-interactive" }]
	}
}

/** Servers with `AuthenticationMethods publickey,password` accept the key and then ask for the password. */
function secondFactors({ signIn }: Appliance): Candidate[] {
	return signIn.method === "password" ? [] : [{ kind: "password" }, { kind: "keyboard-interactive" }]
}

function wireName(candidate: Candidate): string {
	return candidate.kind === "agent" || candidate.kind === "key" ? "publickey" : candidate.kind
}

/** A key file that was replaced is read anew. */
async function keyOf({ credentials, interview }: SignInDeps, path: string) {
	const version = await stat(path).then(
		({ mtimeMs, size }) => `${mtimeMs} ${size}`,
		() => "missing",
	)
	return credentials.key(`${path} ${version}`, () => loadKey(path, (wrong) => interview.passphrase(path, wrong)))
}

function passwordOf({ appliance, credentials, interview }: SignInDeps): Promise<string> {
	return credentials.secret(passwordName(appliance), async () => {
		const password = await interview.password()
		if (password !== undefined) return password
		throw new FailureError("password-needed", { host: appliance.host, port: appliance.port, user: appliance.user })
	})
}

function passwordName({ user, host, port }: Appliance): string {
	return `password ${user}@${host}:${port}`
}

/**
 * Answers the one hidden question of a server that asks for the password this way. Anything further (a one-time code)
 * gets no answer: the password must not go to a question that is not for it.
 */
function answerPrompts(password: string, onUnknown: (why: string) => void) {
	let used = false
	return (_name: string, _text: string, _lang: string, prompts: Prompt[], finish: (answers: string[]) => void) => {
		const [only] = prompts
		if (only && prompts.length === 1 && only.echo !== true && !used) {
			used = true
			return finish([password])
		}
		onUnknown(`the server asks for more than a password: ${prompts.map(({ prompt }) => prompt.trim()).join(" ")}`)
		finish(prompts.map(() => ""))
	}
}
