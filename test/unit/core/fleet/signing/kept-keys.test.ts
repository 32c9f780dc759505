import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { writeChosenKeys } from "../../../../../core/fleet/signing/chosen-keys.ts"
import { createKeptKeys } from "../../../../../core/fleet/signing/kept-keys.ts"
import { createSigner } from "../../../../../core/fleet/signing/signer.ts"
import { FailureError } from "../../../../../core/schema/failure.ts"
import { SIGNATURE_NAMESPACE } from "../../../../../core/schema/module-statement.ts"
import { sentenceOf } from "../../../../../core/schema/sentences.ts"
import { printPublicKey } from "../../../../../core/schema/signing.ts"
import { createSecretBox } from "../../../../../electron/secret-box.ts"
import { makeSealingStorage } from "../../../../support/sealing-storage.ts"
import { startAgent } from "../../../../support/ssh-agent.ts"

const STATEMENT = "hotfix-module 1\nname web\nversion 1.0.0\ndigest 00\n"

function makePlace() {
	const root = mkdtempSync(join(tmpdir(), "hotfix-kept-"))
	onTestFinished(() => rmSync(root, { recursive: true, force: true }))
	const data = join(root, "data")
	const storage = makeSealingStorage()
	const kept = createKeptKeys(data, createSecretBox(storage, "linux"))
	const files = () => readdirSync(join(data, "kept-keys")).map((name) => join(data, "kept-keys", name))
	return { root, data, storage, kept, files }
}

const failureOf = (work: Promise<unknown>) =>
	work.then(
		() => undefined,
		(error) => (error instanceof FailureError ? error.failure : error),
	)

/** What OpenSSH says of a signature; throws where it is none of this key's. */
function verify(root: string, key: { key: string; comment: string }, signature: string): string {
	const [allowed, file] = [join(root, "allowed"), join(root, "signature")]
	writeFileSync(allowed, `team ${printPublicKey(key)}\n`)
	writeFileSync(file, signature)
	const args = ["-Y", "verify", "-n", SIGNATURE_NAMESPACE, "-f", allowed, "-I", "team", "-s", file]
	return execFileSync("ssh-keygen", args, { input: STATEMENT, encoding: "utf8", stdio: "pipe" })
}

test("a key that is kept signs what OpenSSH verifies, in another start of the program too", async () => {
	const { root, data, storage, kept } = makePlace()
	const made = await kept.make("team key")
	await writeChosenKeys(data, [made])
	const again = createKeptKeys(data, createSecretBox(storage, "linux"))
	const signature = (await createSigner(data, again).sign(STATEMENT)) ?? ""
	expect(verify(root, made, signature)).toMatch(/^Good "hotfix-module" signature for team/)
	expect(await again.list()).toEqual({ keys: [made], damaged: [] })
})

test("keys kept here and keys of an agent sign side by side, in the order they were chosen", async () => {
	const { root, data, kept } = makePlace()
	const agent = startAgent(root)
	onTestFinished(agent.end)
	const keys = [await kept.make("ours"), agent.makeKey("held"), await kept.make("second")]
	await writeChosenKeys(data, keys)
	const text = (await createSigner(data, kept, () => agent.socket).sign(STATEMENT)) ?? ""
	const signatures = text.split(/(?<=-----END SSH SIGNATURE-----\n)/)
	expect(signatures).toHaveLength(3)
	for (const [index, key] of keys.entries()) expect(verify(root, key, signatures[index] ?? "")).toMatch(/^Good/)
})

test("its private half is on disk sealed only, for this account alone, and in no answer", async () => {
	const { data, storage, kept, files } = makePlace()
	const made = await kept.make("team key")
	expect(Object.keys(made)).toEqual(["key", "comment"])
	const secret = Buffer.from(storage.given.at(-1) ?? "", "base64")
	// PKCS#8 of Ed25519 ends with the private half itself.
	expect(secret).toHaveLength(48)
	const forms = [secret, secret.subarray(-32)].flatMap((one) => [
		one,
		...(["base64", "base64url", "hex"] as const).map((form) => Buffer.from(one.toString(form))),
	])
	expect(files()).toHaveLength(1)
	for (const form of forms) expect(readFileSync(files()[0] ?? "").includes(form)).toBe(false)
	expect(statSync(files()[0] ?? "").mode & 0o777).toBe(0o600)
	expect(statSync(join(data, "kept-keys")).mode & 0o777).toBe(0o700)
})

test("a program without a keychain makes none, and says that the app can sign", async () => {
	const { data, kept } = makePlace()
	await writeChosenKeys(data, [await kept.make("team key")])
	const bare = createKeptKeys(data)
	expect(await failureOf(bare.make("other"))).toMatchObject({
		code: "keychain-unusable",
		data: { reason: "none-here" },
	})
	const failure = await failureOf(createSigner(data, bare, () => undefined).sign(STATEMENT))
	expect(failure).toMatchObject({ code: "cannot-sign", data: { reason: "made-by-the-app" } })
	expect(sentenceOf(failure).next).toMatch(/^Publish in the desktop app, or choose a key of the agent/)
})

test("a keychain that is closed: nothing is made or signed, and what it said is not handed on", async () => {
	const { data, storage, kept, files } = makePlace()
	await writeChosenKeys(data, [await kept.make("team key")])
	storage.isOpen = false
	expect(await failureOf(kept.make("other"))).toMatchObject({ data: { reason: "unavailable" } })
	const failure = await failureOf(createSigner(data, kept).sign(STATEMENT))
	expect(failure).toMatchObject({ code: "cannot-sign", data: { reason: "keychain-closed" } })
	// Closed between the question and the sealing; the stand-in's error quotes what it was given.
	const box = createSecretBox(storage, "linux")
	const closing = createKeptKeys(data, { ...box, whyNot: async () => undefined })
	const error = await closing.make("other").catch((error) => error)
	expect(error.failure).toEqual({ code: "keychain-unusable", data: { reason: "refused" } })
	expect(error.cause).toBeUndefined()
	expect(files()).toHaveLength(1)
})

test("a keychain that forgot its key, or has another one for it: nothing is signed", async () => {
	const { data, storage, kept, files } = makePlace()
	const [one, other] = [await kept.make("one"), await kept.make("other")]
	await writeChosenKeys(data, [one])
	const fileOf = (key: string) => files().find((path) => readFileSync(path, "utf8").includes(key)) ?? ""
	const text = readFileSync(fileOf(one.key), "utf8")
	const { sealed } = JSON.parse(readFileSync(fileOf(other.key), "utf8"))
	writeFileSync(fileOf(one.key), JSON.stringify({ ...one, sealed }))
	const reasonOf = async () => (await failureOf(createSigner(data, kept).sign(STATEMENT))).data.reason
	expect(await reasonOf()).toBe("kept-damaged")
	const noKey = (await createSecretBox(storage, "linux").seal(Buffer.from("no key"))).toString("base64")
	writeFileSync(fileOf(one.key), JSON.stringify({ ...one, sealed: noKey }))
	expect(await reasonOf()).toBe("kept-damaged")
	writeFileSync(fileOf(one.key), text)
	storage.forget()
	expect(await reasonOf()).toBe("keychain-closed")
})

test("after the keychain got a newer key, what is on disk is sealed by that", async () => {
	const { storage, kept } = makePlace()
	const made = await kept.make("team key")
	storage.rotate()
	expect(await kept.sign(made.key, Buffer.from("x"))).toHaveLength(64)
	storage.expire()
	expect(await kept.sign(made.key, Buffer.from("x"))).toHaveLength(64)
	expect(await kept.list()).toEqual({ keys: [made], damaged: [] })
})

test("files that are damaged, another's or none of ours hide no other key; a removed one is gone", async () => {
	const { data, kept, files } = makePlace()
	const [one, other] = [await kept.make("one"), await kept.make("other")]
	const folder = join(data, "kept-keys")
	const fileOf = (key: string) => files().find((path) => readFileSync(path, "utf8").includes(key)) ?? ""
	const bad = [join(folder, `${"0".repeat(64)}.json`), join(folder, `${"1".repeat(64)}.json`)]
	renameSync(fileOf(other.key), bad[0] ?? "")
	mkdirSync(bad[1] ?? "")
	writeFileSync(join(folder, "notes.txt"), "mine")
	const large = join(folder, `${"2".repeat(64)}.json`)
	writeFileSync(large, JSON.stringify({ ...one, comment: "", sealed: "A".repeat(20_000) }))
	expect(await kept.list()).toEqual({ keys: [one], damaged: [...bad, large] })
	await kept.remove(one.key)
	expect((await kept.list()).keys).toEqual([])
})

test("a key that the keychain seals anew is written so, and not where it was deleted meanwhile", async () => {
	const { data, storage, kept, files } = makePlace()
	const made = await kept.make("team key")
	const box = createSecretBox(storage, "linux")
	let whileOpen = async () => {}
	const resealing = createKeptKeys(data, {
		...box,
		async open(sealed) {
			const opened = await box.open(sealed)
			await whileOpen()
			return { ...opened, resealed: await box.seal(opened.secret) }
		},
	})
	const sealedNow = () => JSON.parse(readFileSync(files()[0] ?? "", "utf8")).sealed
	const before = sealedNow()
	expect(await resealing.sign(made.key, Buffer.from(STATEMENT))).toHaveLength(64)
	expect(sealedNow()).not.toBe(before)
	expect(await kept.sign(made.key, Buffer.from(STATEMENT))).toHaveLength(64)
	whileOpen = () => resealing.remove(made.key)
	expect(await resealing.sign(made.key, Buffer.from(STATEMENT))).toHaveLength(64)
	expect(await kept.list()).toEqual({ keys: [], damaged: [] })
})
