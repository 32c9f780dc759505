import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { createSigning } from "../../../../../core/fleet/services/signing-service.ts"
import { readChosenKeys } from "../../../../../core/fleet/signing/chosen-keys.ts"
import { createKeptKeys } from "../../../../../core/fleet/signing/kept-keys.ts"
import { createSecretBox } from "../../../../../electron/secret-box.ts"
import { makeSealingStorage } from "../../../../support/sealing-storage.ts"
import { startAgent } from "../../../../support/ssh-agent.ts"

function makePlace() {
	const root = mkdtempSync(join(tmpdir(), "hotfix-signing-"))
	onTestFinished(() => rmSync(root, { recursive: true, force: true }))
	const data = join(root, "data")
	const agent = startAgent(root)
	onTestFinished(agent.end)
	const kept = createKeptKeys(data, createSecretBox(makeSealingStorage(), "linux"))
	return { data, agent, signing: createSigning(data, kept, () => agent.socket) }
}

test("the agent's keys are offered, chosen one by one, and let go again", async () => {
	const { data, agent, signing } = makePlace()
	const [one, two] = [agent.makeKey("one"), agent.makeKey("two")]
	agent.makeOther("other")
	const offered = await signing.keys()
	expect(offered).toMatchObject({ unfit: 1, damaged: [] })
	expect(offered.keys).toMatchObject([
		{ ...one, holder: "agent", signs: false },
		{ ...two, holder: "agent", signs: false },
	])
	await signing.choose(two.key, true)
	await signing.choose(two.key, true)
	expect((await signing.choose(one.key, true)).keys.map(({ key, signs }) => [key, signs])).toEqual([
		[two.key, true],
		[one.key, true],
	])
	expect(await readChosenKeys(data)).toEqual([two, one])
	agent.forget()
	const { keys } = await signing.choose(two.key, false)
	expect(keys).toMatchObject([{ key: one.key, holder: "nobody", signs: true }])
	await expect(signing.choose(two.key, true)).rejects.toMatchObject({ failure: { code: "not-found" } })
	expect((await signing.choose(one.key, false)).keys).toEqual([])
})

test("a key that is made signs at once; deleted, it is neither chosen nor there", async () => {
	const { data, signing } = makePlace()
	const { keys } = await signing.make("team")
	expect(keys).toMatchObject([{ comment: "team", holder: "keychain", signs: true }])
	const key = keys[0]?.key ?? ""
	expect((await signing.choose(key, false)).keys).toMatchObject([{ key, holder: "keychain", signs: false }])
	await signing.choose(key, true)
	expect((await signing.remove(key)).keys).toEqual([])
	expect(await readChosenKeys(data)).toEqual([])
})

test("changes at the same time are all in what is written", async () => {
	const { agent, signing } = makePlace()
	const keys = ["a", "b", "c"].map((name) => agent.makeKey(name).key)
	await Promise.all(keys.map((key) => signing.choose(key, true)))
	expect((await signing.keys()).keys.filter(({ signs }) => signs)).toHaveLength(3)
})

test("a comment of the agent cannot put another line into the list, nor move a cursor", async () => {
	const { data, agent, signing } = makePlace()
	const { key } = agent.makeKey("one", "me\nssh-ed25519 AAAA evil\u001b[2J")
	await signing.choose(key, true)
	expect(readFileSync(join(data, "signing-keys"), "utf8")).toBe(`ssh-ed25519 ${key} me\\nssh-ed25519 AAAA evil\n`)
	expect((await signing.keys()).keys).toHaveLength(1)
})

test("without an agent or a keychain it says why", async () => {
	const { data } = makePlace()
	const bare = createSigning(data, createKeptKeys(data), () => undefined)
	expect(await bare.keys()).toEqual({
		keys: [],
		unfit: 0,
		damaged: [],
		noKeychain: "none-here",
		agentProblem: "no agent is running",
	})
	await expect(bare.make("team")).rejects.toMatchObject({ failure: { code: "keychain-unusable" } })
})
