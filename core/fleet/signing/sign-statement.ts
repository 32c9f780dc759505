import { setTimeout as sleep } from "node:timers/promises"
import { fingerprintOf, isSignatureOf, makeSignedBytes, printSignature } from "../../folder/ssh-signature.ts"
import { FailureError } from "../../schema/failure.ts"
import { listAgentKeys, type RingKey } from "../ssh/key-ring.ts"
import type { ChosenKey } from "./chosen-keys.ts"
import type { KeptKeys } from "./kept-keys.ts"

/** An agent may ask a person first. */
const SIGN_MS = 120_000

/** Who has private halves. */
export interface Holders {
	kept: KeptKeys
	agentSocket: string | undefined
}

/**
 * A statement signed by every chosen key, as the file beside `index.json` has it. Fails with `cannot-sign` unless each of
 * them signed: half signed, a version would run on some appliances only.
 */
export async function signStatement(statement: string, chosen: ChosenKey[], holders: Holders): Promise<string> {
	const bytes = makeSignedBytes(statement)
	const signed: string[] = []
	let agent: Agent | undefined
	for (const { key } of chosen) {
		let signature = await holders.kept.sign(key, bytes)
		if (!signature) {
			agent ??= await lookAtAgent(holders.agentSocket)
			signature = await signByAgent(agent, key, bytes)
		}
		const one = { key, signature }
		if (!isSignatureOf(statement, one)) throw cannotSign(key, "the agent answered with no signature of it")
		signed.push(printSignature(one))
	}
	return signed.join("")
}

/** What an agent holds, or why that is not known. */
interface Agent {
	held: RingKey[]
	problems: string[]
}

async function lookAtAgent(socket: string | undefined): Promise<Agent> {
	const problems: string[] = []
	return { held: await listAgentKeys(socket, problems), problems }
}

async function signByAgent({ held, problems }: Agent, key: string, bytes: Buffer): Promise<Buffer> {
	const holder = held.find(({ publicKey }) => publicKey.getPublicSSH().toString("base64") === key)
	if (!holder) throw cannotSign(key, problems[0] ?? "the agent does not hold it")
	return waitFor(holder, key, bytes)
}

async function waitFor(holder: RingKey, key: string, bytes: Buffer): Promise<Buffer> {
	const waiting = new AbortController()
	const late = sleep(SIGN_MS, undefined, { signal: waiting.signal }).then(() => {
		throw cannotSign(key, "the agent did not answer in time")
	})
	const signature = holder.sign(bytes, undefined).catch((error: Error) => {
		throw cannotSign(key, `the agent refused: ${error.message}`)
	})
	try {
		return await Promise.race([signature, late])
	} finally {
		// What comes of it then is nobody's any more.
		late.catch(() => undefined)
		waiting.abort()
	}
}

function cannotSign(key: string, reason: string): FailureError {
	return new FailureError("cannot-sign", { key: fingerprintOf(key), reason })
}
