import { execFileSync } from "node:child_process"
import { renameSync, symlinkSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { loadKey, readKeyFile } from "../../../../../core/fleet/ssh/key-file.ts"
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

test("the file that is judged is the file that is read, whatever its name means a moment later", async () => {
	const folder = await makeFolder()
	await writeFile(join(folder, "closed"), "closed", { mode: 0o600 })
	await writeFile(join(folder, "open"), "open", { mode: 0o644 })
	const path = join(folder, "key")
	const pointTo = (name: string) => {
		symlinkSync(name, `${path}.new`)
		renameSync(`${path}.new`, path)
	}
	let isEnded = false
	const turn = (count: number) => {
		pointTo(count % 2 ? "open" : "closed")
		if (!isEnded) setImmediate(turn, count + 1)
	}
	turn(0)
	const texts = new Set<string>()
	for (let count = 0; count < 1000; count++) texts.add(await readKeyFile(path).catch(({ failure }) => failure.code))
	isEnded = true
	expect([...texts].sort()).toEqual(["closed", "key-unreadable"])
})
