import { execFileSync } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { loadKey } from "../../../../../core/fleet/ssh/key-file.ts"
import { createKnownHosts } from "../../../../../core/fleet/ssh/known-hosts.ts"
import { readRegularText } from "../../../../../core/fleet/ssh/read-regular.ts"

async function makeFolder(): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), "hotfix-regular-"))
	onTestFinished(() => rm(folder, { recursive: true, force: true }))
	return folder
}

test("a pipe and a device that a configuration names are refused, and not waited for", async () => {
	const folder = await makeFolder()
	const pipe = join(folder, "pipe")
	execFileSync("mkfifo", ["-m", "600", pipe])
	for (const path of [pipe, "/dev/zero"]) {
		await expect(readRegularText(path, 100)).rejects.toThrow("no regular file")
		const known = createKnownHosts({ ownFile: join(folder, "own") })
		await expect(known.read("h", 22, [path])).rejects.toMatchObject({ failure: { code: "key-unreadable" } })
		await expect(loadKey(path, async () => undefined)).rejects.toMatchObject({ failure: { code: "key-unreadable" } })
	}
})

test("a file that is too large is refused, one that just fits is read", async () => {
	const path = join(await makeFolder(), "file")
	await writeFile(path, "12345")
	expect(await readRegularText(path, 5)).toBe("12345")
	await expect(readRegularText(path, 4)).rejects.toThrow("larger than 4 bytes")
})
