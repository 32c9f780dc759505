import { execFileSync } from "node:child_process"
import { existsSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, onTestFinished, test, vi } from "vitest"
import { freezeModule } from "../../../../../core/fleet/rollout/freeze-module.ts"
import { writeChosenKeys } from "../../../../../core/fleet/signing/chosen-keys.ts"
import { createSigner } from "../../../../../core/fleet/signing/signer.ts"
import { readModuleFolder } from "../../../../../core/folder/read-module-folder.ts"
import { fingerprintOf, isSignatureOf, parseSignatures } from "../../../../../core/folder/ssh-signature.ts"
import { makeStatement } from "../../../../../core/schema/module-statement.ts"
import { startAgent } from "../../../../support/ssh-agent.ts"
import { failureOf, git, makeIndex, makeModule, makePlace, type Place, publish, read, writeFiles } from "./place.ts"

/** A real agent, and what signs by it: what is chosen is all it holds. */
function makeAgent({ root, data }: Place) {
	const agent = startAgent(root)
	onTestFinished(agent.end)
	return { ...agent, signer: createSigner(data, undefined, () => agent.socket) }
}

/** Who signed the module as it lies there, by their keys. */
async function signersOf(folder: string): Promise<string[]> {
	const { manifest, module } = await readModuleFolder(folder)
	if (!manifest || !module) throw new Error("the module has a fault")
	const { name, digest } = manifest
	const statement = makeStatement({ name, version: module.metadata.schema_version, digest })
	const signatures = parseSignatures(manifest.signatures ?? "") ?? []
	return signatures.filter((one) => isSignatureOf(statement, one)).map(({ key }) => key)
}

test("what is published is signed by every chosen key, and stays so wherever it is taken out again", async () => {
	const bare = makePlace()
	const agent = makeAgent(bare)
	const library = bare.again({ signer: agent.signer })
	const { folder } = await library.import({ folder: makeModule(bare.root), copy: true })
	await publish(library, folder, "1.0.0")
	expect(existsSync(join(folder, "index.json.sig"))).toBe(false)

	const [old, fresh] = [agent.makeKey("old"), agent.makeKey("fresh")]
	await writeChosenKeys(bare.data, [old, fresh])
	writeFiles(folder, { "index.json": makeIndex("1.0.1"), "src/a.txt": "two\n" })
	const { signedBy } = await library.propose(folder)
	expect(signedBy).toEqual([old, fresh].map(({ key, comment }) => `${fingerprintOf(key)} ${comment}`))
	const published = await publish(library, folder, "1.0.1")
	if (published.state !== "published") throw new Error("the files were changed meanwhile")
	expect(published.signedBy).toEqual([fingerprintOf(old.key), fingerprintOf(fresh.key)])
	expect(await signersOf(folder)).toEqual([old.key, fresh.key])
	expect((await library.propose(folder)).changes).toEqual([])

	await writeChosenKeys(bare.data, [])
	writeFiles(folder, { "index.json": makeIndex("1.0.2"), "src/a.txt": "three\n" })
	await publish(library, folder, "1.0.2")
	expect(existsSync(join(folder, "index.json.sig"))).toBe(false)
	expect(git(folder, "status", "--porcelain")).toBe("")

	const opened = await library.openVersion({ folder, version: "1.0.1" })
	expect(await signersOf(opened.folder)).toEqual([old.key, fresh.key])
	const frozen = await freezeModule(opened.folder, join(bare.root, "frozen"))
	expect(await signersOf(frozen.folder)).toEqual([old.key, fresh.key])
	await library.checkout({ folder, version: "1.0.1", keepChanges: false })
	expect(await signersOf(folder)).toEqual([old.key, fresh.key])
	await library.checkout({ folder, version: "1.0.0", keepChanges: false })
	expect(existsSync(join(folder, "index.json.sig"))).toBe(false)

	const cloned = join(bare.root, "clone", "fix")
	execFileSync("git", ["clone", "-q", "--branch", published.version.tag, folder, cloned], { stdio: "pipe" })
	expect(await signersOf(cloned)).toEqual([old.key, fresh.key])
})

test("a key that the agent does not hold: nothing is published, not even the version in the text", async () => {
	const bare = makePlace()
	const agent = makeAgent(bare)
	const library = bare.again({ signer: agent.signer })
	const { folder } = await library.import({ folder: makeModule(bare.root), copy: true })
	await writeChosenKeys(bare.data, [agent.makeKey("held"), agent.makeKey("gone")])
	agent.forget()
	agent.makeKey("other")
	const text = read(folder, "index.json")
	expect(await failureOf(publish(library, folder, "1.0.7"))).toMatchObject({ code: "cannot-sign" })
	expect(read(folder, "index.json")).toBe(text)
	expect((await library.versions(folder)).versions).toEqual([])
})

describe("what changes while somebody signs", () => {
	/** A signer that a person keeps waiting, and what is done meanwhile. */
	async function publishWhile(meanwhile: (folder: string) => void, signs = true) {
		const place = makePlace()
		const stated: string[] = []
		const sign = async (statement: string) => {
			stated.push(statement)
			meanwhile(folder)
			return signs ? "signed" : undefined
		}
		const library = place.again({ signer: { names: async () => ["key"], sign } })
		const { folder } = await library.import({ folder: makeModule(place.root), copy: true })
		const shown = await readModuleFolder(folder)
		const { base, content } = await library.propose(folder)
		const code = await library.publish({ folder, version: "1.0.0", base, content }).then(
			({ state }) => state,
			({ failure }) => failure.code,
		)
		return {
			folder,
			stated,
			code,
			digest: shown.manifest?.digest ?? "",
			versions: (await library.versions(folder)).versions,
		}
	}

	test.each([
		["a file", (folder: string) => writeFiles(folder, { "src/a.txt": "not seen\n" }), "changed-meanwhile"],
		["a new file", (folder: string) => writeFiles(folder, { "src/new.txt": "not seen\n" }), "changed-meanwhile"],
		["its text", (folder: string) => writeFiles(folder, { "index.json": makeIndex("7.0.0") }), "changed"],
	])("%s: what was seen is signed, and nothing is published", async (_, meanwhile, code) => {
		for (const signs of [true, false]) {
			const now = await publishWhile(meanwhile, signs)
			expect([now.code, now.versions]).toEqual([code, []])
			expect(existsSync(join(now.folder, "index.json.sig"))).toBe(false)
			expect(now.stated).toEqual([expect.stringContaining(`digest ${now.digest}`)])
		}
	})

	test("what was there before it is asked is never signed", async () => {
		const place = makePlace()
		const stated: string[] = []
		const sign = async (statement: string) => void stated.push(statement)
		const library = place.again({ signer: { names: async () => ["key"], sign } })
		const { folder } = await library.import({ folder: makeModule(place.root), copy: true })
		const { base, content } = await library.propose(folder)
		writeFiles(folder, { "src/a.txt": "not seen\n" })
		expect(await library.publish({ folder, version: "1.0.0", base, content })).toEqual({ state: "changed" })
		expect(stated).toEqual([])
	})

	test("a temporary folder behind a link is no obstacle", async () => {
		const elsewhere = makePlace().root
		symlinkSync(elsewhere, join(elsewhere, "link"))
		vi.stubEnv("TMPDIR", join(elsewhere, "link"))
		onTestFinished(() => void vi.unstubAllEnvs())
		const { code, stated, digest } = await publishWhile(() => {})
		expect([code, stated]).toEqual(["published", [expect.stringContaining(`digest ${digest}`)]])
	})

	test("a link that leads to its file on this desktop alone is told before anything is signed", async () => {
		const place = makePlace()
		const stated: string[] = []
		const sign = async (statement: string) => void stated.push(statement)
		const library = place.again({ signer: { names: async () => ["key"], sign } })
		const { folder } = await library.import({ folder: makeModule(place.root), copy: true })
		writeFiles(folder, { "index.json": makeIndex("1.0.0", ["absolute.txt"]) })
		symlinkSync(join(folder, "src/a.txt"), join(folder, "src/absolute.txt"))
		expect(await failureOf(publish(library, folder, "1.0.0"))).toMatchObject({ code: "module-faulty" })
		expect(stated).toEqual([])
	})
})
