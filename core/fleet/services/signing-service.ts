import { fingerprintOf, parseKey } from "../../folder/ssh-signature.ts"
import { FailureError } from "../../schema/failure.ts"
import { plainText } from "../../schema/plain-text.ts"
import type { SigningKey, SigningKeys } from "../../schema/signing.ts"
import { type ChosenKey, readChosenKeys, writeChosenKeys } from "../signing/chosen-keys.ts"
import type { KeptKeys } from "../signing/kept-keys.ts"
import { agentSocket } from "../ssh/agent-socket.ts"
import { listAgentKeys } from "../ssh/key-ring.ts"

/** Which keys sign what is published here. Every call answers with how it is then. */
export interface SigningService {
	keys(): Promise<SigningKeys>
	/** Whether it signs from now on. Fails with `not-found` for one that nobody here has. */
	choose(key: string, signs: boolean): Promise<SigningKeys>
	/** A new key in the keychain, which signs from now on. Fails with `keychain-unusable`. */
	make(comment: string): Promise<SigningKeys>
	/** A kept key, for good; it signs no more. */
	remove(key: string): Promise<SigningKeys>
}

export function createSigning(dataFolder: string, kept: KeptKeys, socket = agentSocket): SigningService {
	let last: Promise<unknown> = Promise.resolve()
	/** One change after the other: each begins with the list that the one before has written. */
	const change = (work: () => Promise<void>): Promise<SigningKeys> => {
		const done = last.then(work)
		last = done.catch(() => undefined)
		return done.then(look)
	}
	const look = async (): Promise<SigningKeys> => {
		const chosen = await readChosenKeys(dataFolder)
		const [ours, agent, noKeychain] = await Promise.all([kept.list(), lookAtAgent(socket()), kept.whyNot()])
		return {
			keys: mergeKeys(chosen, ours.keys, agent.keys),
			unfit: agent.unfit,
			damaged: ours.damaged,
			...(noKeychain !== undefined && { noKeychain }),
			...(agent.problem !== undefined && { agentProblem: agent.problem }),
		}
	}
	const unchoose = async (key: string) => {
		const chosen = await readChosenKeys(dataFolder)
		await writeChosenKeys(
			dataFolder,
			chosen.filter((one) => one.key !== key),
		)
	}
	const choose = async ({ key, comment }: ChosenKey) => {
		const chosen = await readChosenKeys(dataFolder)
		if (!chosen.some((one) => one.key === key)) await writeChosenKeys(dataFolder, [...chosen, { key, comment }])
	}
	return {
		keys: look,
		choose: (key, signs) =>
			change(async () => {
				if (!signs) return unchoose(key)
				const found = (await look()).keys.find((one) => one.key === key && one.holder !== "nobody")
				if (!found) throw new FailureError("not-found", { kind: "key" })
				await choose(found)
			}),
		make: (comment) => change(async () => choose(await kept.make(comment))),
		remove: (key) =>
			change(async () => {
				// In this order: a key that is gone and still chosen would stop every publishing.
				await unchoose(key)
				await kept.remove(key)
			}),
	}
}

/** The agent's Ed25519 keys; their comments are whatever somebody wrote there. */
async function lookAtAgent(socket: string | undefined) {
	const problems: string[] = []
	const held = (await listAgentKeys(socket, problems)).map(({ publicKey }) => ({
		key: publicKey.getPublicSSH().toString("base64"),
		comment: plainText(publicKey.comment, 100).trim(),
	}))
	const keys = held.filter(({ key }) => parseKey(key) !== undefined)
	return { keys, unfit: held.length - keys.length, problem: problems[0] }
}

/** Each key once: those that sign in their order, then those kept here, then the agent's. */
function mergeKeys(chosen: ChosenKey[], kept: ChosenKey[], held: ChosenKey[]): SigningKey[] {
	const isIn = (keys: ChosenKey[], key: string) => keys.some((one) => one.key === key)
	const all = new Map<string, SigningKey>()
	for (const { key, comment } of [...chosen, ...kept, ...held]) {
		if (all.has(key)) continue
		const holder = isIn(kept, key) ? "keychain" : isIn(held, key) ? "agent" : "nobody"
		all.set(key, { key, comment, holder, fingerprint: fingerprintOf(key), signs: isIn(chosen, key) })
	}
	return [...all.values()]
}
