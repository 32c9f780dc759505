import { spawn, spawnSync } from "node:child_process"
import { cp, mkdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { supplyContents } from "../../../../core/fleet/supply.ts"
import { readContent } from "../../../../core/folder/read-content.ts"
import { readModuleFolder } from "../../../../core/folder/read-module-folder.ts"
import { makeByteStream } from "../../../../core/protocol/byte-stream.ts"
import { createRemoteRunner } from "../../../../core/protocol/remote-runner.ts"
import type { RunnerStartRequest } from "../../../../core/protocol/runner-calls.ts"
import { callRunner } from "../../../support/in-process.ts"
import { makeSigner } from "../../../support/signer.ts"
import { makeFolder } from "./place.ts"
import { isThere } from "./run-bundle.ts"

const bundle = new URL("../../../../dist/runner/hotfix-runner.cjs", import.meta.url).pathname
const signer = makeSigner()

/** A folder that stands for an appliance which trusts one key, with a file of the customer's; a module that replaces it. */
async function makePlace() {
	const base = await makeFolder()
	const root = join(base, "root")
	await mkdir(join(root, "etc/hotfix"), { recursive: true })
	await writeFile(join(root, "etc/hotfix/trusted-keys"), `${signer.line}\n`)
	await mkdir(join(root, "srv"))
	await writeFile(join(root, "srv/a"), "the customer's\n")
	const module = join(base, "fix")
	await mkdir(join(module, "src"), { recursive: true })
	await writeFile(join(module, "src/a"), "ours\n")
	const operations = [{ target: "src/a", destination: "/srv/a" }]
	const pools = [{ id: "p", description: "", operations, closure: ["true"] }]
	await writeFile(
		join(module, "index.json"),
		JSON.stringify({ metadata: { schema_version: "1.0.0", description: "" }, pools }),
	)
	const common = ["--root", root, "--state", join(base, "state"), "--log", join(base, "update.log")]
	return {
		base,
		module,
		root,
		state: join(base, "state"),
		common,
		read: () => readFile(join(root, "srv/a"), "utf8"),
		call: (command: string, ...more: string[]) => callRunner([command, ...more, ...common]),
		onModule: (command: string) => callRunner([command, "--module", module, ...common]),
		async sign() {
			const { manifest } = await readModuleFolder(module)
			if (!manifest) throw new Error("the module has a fault")
			await writeFile(
				join(module, "index.json.sig"),
				signer.signs({ name: manifest.name, version: "1.0.0", digest: manifest.digest }),
			)
		},
	}
}

test("by hand or by the update orchestrator: unsigned, changed or renamed, nothing runs; signed, it does", async () => {
	const place = await makePlace()
	const expectRefusal = async (module: string, words: RegExp) => {
		for (const command of ["apply", "rehearse", "plan"]) {
			const { exit, stderr, stdout } = await place.call(command, "--module", module)
			expect(exit).toBe(2)
			expect(stderr + stdout).toMatch(words)
		}
		expect(await place.read()).toBe("the customer's\n")
	}
	await expectRefusal(place.module, /not signed/)
	expect(await isThere(place.state)).toBe(false)
	await place.sign()
	const renamed = join(place.base, "other")
	await cp(place.module, renamed, { recursive: true })
	await expectRefusal(renamed, /not what was signed/)
	await writeFile(join(place.module, "src/a"), "theirs\n")
	await expectRefusal(place.module, /not what was signed/)
	await writeFile(join(place.module, "src/a"), "ours\n")
	expect(await place.onModule("apply")).toMatchObject({ exit: 0 })
	expect(await place.read()).toBe("ours\n")
	// The way back needs nobody's signature, also where no module would run any more.
	await writeFile(join(place.root, "etc/hotfix/trusted-keys"), "rubbish\n")
	expect(await place.onModule("apply")).toMatchObject({ exit: 2, stderr: expect.stringContaining("line 1") })
	expect(await place.call("recover")).toMatchObject({ exit: 0 })
	expect(await place.call("revert", "--pool", "p")).toMatchObject({ exit: 0 })
	expect(await place.read()).toBe("the customer's\n")
})

test("for a desktop, and for the worker of a job that lies there: the same", async () => {
	const place = await makePlace()
	const child = spawn(process.execPath, [bundle, "serve", "--nonce", "n0", ...place.common])
	onTestFinished(() => void child.kill())
	const port = createRemoteRunner(makeByteStream(child.stdout, child.stdin), { nonce: "n0" })
	await port.hello()
	const requestOf = async (): Promise<RunnerStartRequest> => {
		const { manifest } = await readModuleFolder(place.module)
		if (!manifest) throw new Error("the module has a fault")
		return { manifest, kind: "apply", force: false, allowDowngrade: false, modify: false }
	}
	const unsigned = await requestOf()
	await supplyContents(port, unsigned.manifest, ({ target }) => readContent(place.module, target))
	expect((await port.plan(unsigned)).refusal).toMatch(/not signed/)
	expect(await port.start(unsigned)).toMatchObject({ state: "refused", failure: { code: "module-not-trusted" } })

	const requests = join(place.state, "requests")
	await mkdir(requests, { recursive: true })
	await writeFile(join(requests, "r1.json"), JSON.stringify({ kind: "module", run: "r1", request: unsigned }))
	expect(await place.call("worker", "--run", "r1")).toMatchObject({ exit: 2 })
	expect(await place.read()).toBe("the customer's\n")

	await place.sign()
	const signed = await requestOf()
	expect((await port.plan(signed)).refusal).toBeUndefined()
	const started = await port.start({ ...signed, as: "r2" })
	expect(started).toEqual({ state: "started", run: "r2" })
	for await (const event of port.attach("r2"))
		if (event.type === "run-finished") expect(event).toMatchObject({ outcome: "applied" })
	expect(await place.read()).toBe("ours\n")
	await port.close()
})

const cannotMount = spawnSync("unshare", ["-m", "true"]).status === 0 ? "" : " (skipped: needs root and unshare)"

test.skipIf(cannotMount !== "")(`on the machine itself, by its own /etc${cannotMount}`, async () => {
	const place = await makePlace()
	for (const name of ["passwd", "group"]) await cp(`/etc/${name}`, join(place.root, "etc", name))
	const bind = 'mount --bind "$1/etc" /etc && mount --bind "$1/srv" /srv && shift && exec "$@"'
	const apply = [bundle, "apply", "--module", place.module, "--state", place.state, "--log", join(place.base, "log")]
	const run = () =>
		spawnSync("unshare", ["-m", "sh", "-c", bind, "sh", place.root, process.execPath, ...apply], { encoding: "utf8" })
	expect(run()).toMatchObject({ status: 2, stderr: expect.stringContaining("not signed") })
	await place.sign()
	expect(run()).toMatchObject({ status: 0 })
	expect(await place.read()).toBe("ours\n")
})
