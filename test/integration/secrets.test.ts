import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { createServices } from "../../core/fleet/services.ts"
import type { Answer, Question } from "../../core/schema/desktop.ts"
import { createSecretBox } from "../../electron/secret-box.ts"
import { writeModule } from "../support/module-folder.ts"
import { makeSealingStorage } from "../support/sealing-storage.ts"
import { startAskingSshd } from "../support/ssh/asking-sshd.ts"
import { runnerBundlePath } from "../support/ssh/runner-bundle.ts"

const base = mkdtempSync(join(tmpdir(), "hotfix-secrets-"))
afterAll(() => rmSync(base, { recursive: true, force: true }))

const PASSPHRASE = "correct-horse-battery"
const PASSWORD = "staple-nine-lemons"
const WRONG = "not-the-right-mule"
const secrets = [PASSPHRASE, PASSWORD, WRONG]

function answerTo(question: Question): Answer {
	if (question.kind === "host-key") return { kind: "trust" }
	if (question.kind === "passphrase") return { kind: "secret", secret: question.wrong ? PASSPHRASE : WRONG }
	return question.kind === "password" ? { kind: "secret", secret: PASSWORD } : { kind: "refuse" }
}

function filesBelow(folder: string): string[] {
	const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
	return entries.filter((one) => one.isFile()).map(({ parentPath, name }) => join(parentPath, name))
}

test("a passphrase and a password are used and stand nowhere: no file of either side, event, log, command line, environment", async () => {
	const root = join(base, "appliance")
	mkdirSync(join(root, "var/log"), { recursive: true })
	const env = { PATH: process.env.PATH ?? "", HOME: root, HOTFIX_ROOT: root, HOTFIX_STATE: join(root, "state") }
	const prompt = { prompt: "Password: ", echo: false }
	const round = { prompts: [prompt], isRight: ([answer]: string[]) => answer === PASSWORD }
	const sshd = await startAskingSshd({ methods: ["publickey", "keyboard-interactive"], rounds: [round], env })
	const path = join(base, "id")
	execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", PASSPHRASE, "-f", path])
	// Whoever looks from the appliance, while the desktop and everything it started runs.
	const look = "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' >seen; test -s seen"
	const folder = await writeModule(join(base, "module"), [{ id: "p", files: { "/a": "new" }, closure: [look] }])
	const told: string[] = []
	const services = await createServices({
		dataFolder: join(base, "data"),
		host: "browser",
		version: "1.0.0",
		runnerBundle: await runnerBundlePath(),
		sshConfig: null,
		log: (line) => told.push(line),
	})
	const asked: string[] = []
	const following = (async () => {
		for await (const change of services.state.follow()) {
			told.push(JSON.stringify(change))
			if (change.type !== "question-opened") continue
			asked.push(change.question.kind)
			services.questions.answer(change.question.id, answerTo(change.question))
		}
	})()
	const { id } = services.appliances.save({
		...{ name: "alpha", host: sshd.host, port: sshd.port, user: sshd.user, tags: [], notes: "", become: "none" },
		signIn: { method: "key", path },
	})
	const [run] = await services.runs.start({ folder, applianceIds: [id] })
	const ended = await services.runs.ended(run?.id ?? "")
	for await (const event of services.runs.follow(ended.id)) told.push(JSON.stringify(event))
	await services.close()
	await following

	expect([ended.failure, ended.outcome]).toEqual([undefined, "applied"])
	expect(asked).toEqual(["host-key", "passphrase", "passphrase", "password"])
	expect(sshd.received).toEqual([[PASSWORD]])
	// Not shown where it fails: these are the environments of all programs of this machine.
	expect(readFileSync(join(root, "seen"), "latin1").includes("\nworker\n")).toBe(true)
	const files = filesBelow(base)
	expect(files).toEqual(expect.arrayContaining([join(base, "data/hotfix.sqlite"), join(root, "state/state.json")]))
	for (const file of files)
		for (const secret of secrets) expect(readFileSync(file).includes(secret), `${secret} in ${file}`).toBe(false)
	for (const secret of secrets) expect(told.join("\n")).not.toContain(secret)
})

test("a key that was made here signs, and its private half stands nowhere: no file, answer, failure, log", async () => {
	const data = join(base, "signing")
	const storage = makeSealingStorage()
	const told: unknown[] = []
	const services = await createServices({
		dataFolder: data,
		host: "electron",
		version: "1.0.0",
		runnerBundle: "/nowhere",
		sshConfig: null,
		secretBox: createSecretBox(storage, "linux"),
		log: (line) => told.push(line),
	})
	const { signing, library } = services
	told.push(await signing.make("team"), await signing.keys())
	const secret = Buffer.from(storage.given.at(-1) ?? "", "base64")
	const source = await writeModule(join(base, "signed"), [{ id: "p", files: { "/a": "new" }, closure: ["true"] }])
	const { folder } = await library.import({ folder: source, copy: true })
	const publish = async () => {
		const { base, content, versions, signedBy } = await library.propose(folder)
		told.push(signedBy)
		return library.publish({ folder, base, content, version: versions[0]?.version ?? "" })
	}
	const published = await publish()
	expect(published).toMatchObject({ state: "published", signedBy: [expect.stringMatching(/^SHA256:/)] })
	storage.isOpen = false
	writeFileSync(join(folder, "src/more.txt"), "more")
	const failures = [await publish().catch((error) => error), await signing.make("other").catch((error) => error)]
	expect(failures.map(({ failure }) => failure?.code)).toEqual(["cannot-sign", "keychain-unusable"])
	told.push(published, ...failures.map(({ failure, stack, cause }) => ({ failure, stack, cause: `${cause}` })))
	await services.close()

	const files = filesBelow(data)
	expect(files).toEqual(expect.arrayContaining([join(data, "signing-keys"), join(folder, "index.json.sig")]))
	// The whole of it, and the 32 bytes that matter.
	for (const part of [secret, secret.subarray(-32)])
		for (const form of [part, ...encodings.map((form) => Buffer.from(part.toString(form)))]) {
			for (const file of files) expect(readFileSync(file).includes(form), file).toBe(false)
			expect(JSON.stringify(told)).not.toContain(form.toString())
		}
})

const encodings = ["base64", "base64url", "hex"] as const
