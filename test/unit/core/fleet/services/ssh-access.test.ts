import { createHash } from "node:crypto"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { createSshAccess } from "../../../../../core/fleet/services/ssh-access.ts"
import { makeAppliance } from "../make.ts"

const digestOf = (text: string) => createHash("sha256").update(text).digest("hex")
const genuine = { runner: digestOf("runner"), runtimes: digestOf("[]") }

/** What an installed program does first when it is to connect. */
async function connect(changes: object): Promise<unknown> {
	const dataFolder = await mkdtemp(join(tmpdir(), "ssh-access-"))
	onTestFinished(() => rm(dataFolder, { recursive: true, force: true }))
	const runnerBundle = join(dataFolder, "runner.cjs")
	await writeFile(runnerBundle, "runner")
	await writeFile(join(dataFolder, "runtimes.json"), "[]")
	const carriedDigests = { ...genuine, ...changes }
	const access = createSshAccess({
		dataFolder,
		sshConfig: null,
		runnerBundle,
		runtimesFolder: dataFolder,
		carriedDigests,
	})
	const appliance = makeAppliance({ host: "127.0.0.1", port: 1, jump: "none" })
	const ask = () => Promise.reject(new Error("nothing is to be asked"))
	return access.connect(appliance, { ask }).catch((error) => error.failure)
}

test("an installed program connects to nobody with a runner or a list of runtimes that was exchanged", async () => {
	expect(await connect({})).toMatchObject({ code: "refused" })
	const other = digestOf("other")
	for (const changes of [{ runner: other }, { runtimes: other }])
		expect(await connect(changes)).toMatchObject({ code: "internal", data: { message: /is not what was packaged/ } })
})

test("the demo is run by the Node that was named", async () => {
	// No folder can be made there: it is not even begun.
	const access = createSshAccess({ dataFolder: "/dev/null", runnerBundle: "none", nodeProgram: "/nowhere/node" })
	await expect(access.startDemo("/dev/null")).rejects.toMatchObject({ failure: { code: "not-found" } })
})
