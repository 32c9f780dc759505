import { createHash } from "node:crypto"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { readRunnerBundle } from "../../../../../core/fleet/runner-install/bundle.ts"
import { readRuntimes } from "../../../../../core/fleet/runner-install/runtimes.ts"

let folder: string
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "carried-"))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const digestOf = (text: string) => createHash("sha256").update(text).digest("hex")
const refusal = (path: string) => ({
	failure: { code: "internal", data: { message: `${path} is not what was packaged; install this program anew` } },
})

test("a runner that was exchanged after packaging is never brought to an appliance", async () => {
	const path = join(folder, "hotfix-runner.cjs")
	await writeFile(path, "genuine")
	const digest = digestOf("genuine")
	expect(await readRunnerBundle(path, digest)).toEqual({ path, digest })
	await writeFile(path, "exchanged")
	await expect(readRunnerBundle(path, digest)).rejects.toMatchObject(refusal(path))
	expect(await readRunnerBundle(path)).toMatchObject({ digest: digestOf("exchanged") })
})

test("a list of runtimes that was exchanged, or has gone, names none of them", async () => {
	const path = join(folder, "runtimes.json")
	const list = JSON.stringify([{ architecture: "x64", version: "24.1.0", digest: digestOf("node"), size: 4 }])
	await writeFile(path, list)
	expect((await readRuntimes(folder, folder, digestOf(list))).list).toHaveLength(1)
	await writeFile(path, list.replace("24.1.0", "24.1.1"))
	await expect(readRuntimes(folder, folder, digestOf(list))).rejects.toMatchObject(refusal(path))
	await rm(path)
	await expect(readRuntimes(folder, folder, digestOf(list))).rejects.toMatchObject({ failure: { code: "internal" } })
	expect((await readRuntimes(folder, folder)).list).toEqual([])
})
