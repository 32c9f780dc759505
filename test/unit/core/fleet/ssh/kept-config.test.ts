import { mkdtempSync, rmSync } from "node:fs"
import { appendFile, chown, mkdir, rename, rm, utimes, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { expect, onTestFinished, test } from "vitest"
import type { ConfigLine } from "../../../../../core/fleet/ssh/config/config-line.ts"
import { createKeptConfig } from "../../../../../core/fleet/ssh/config/kept-config.ts"
import { readConfig } from "../../../../../core/fleet/ssh/config/read-config.ts"
import { createSshConfig } from "../../../../../core/fleet/ssh/config/ssh-config.ts"

/** A home whose configuration includes a folder; `readings` counts how often it was read. */
async function makeHome() {
	const home = mkdtempSync(join(tmpdir(), "kept-config-"))
	onTestFinished(() => rmSync(home, { recursive: true, force: true }))
	const path = (name: string) => join(home, ".ssh", name)
	await mkdir(path("more"), { recursive: true })
	await writeFile(path("config"), "Include more/*.conf\nUser one\n", { mode: 0o600 })
	await writeFile(path("more/a.conf"), "Port 1\n", { mode: 0o600 })
	const state = { readings: 0 }
	const read = createKeptConfig((look) => {
		state.readings++
		return readConfig(undefined, home, look)
	})
	return { home, path, state, read }
}

const wordsOf = (lines: ConfigLine[]): string[] =>
	lines.flatMap(({ words, included }) => (included ? included.flatMap(wordsOf) : words))

test("a configuration is read once for many appliances, and anew for each change", async () => {
	const { path, state, read } = await makeHome()
	await Promise.all(Array.from({ length: 1000 }, read))
	expect(state.readings).toBe(1)
	// Written just now, it may still change within the clock's own grain: so it is not kept yet.
	await read()
	expect(state.readings).toBe(2)
	await sleep(2100)
	for (let round = 0; round < 3; round++) expect(wordsOf(await read())).toEqual(["1", "one"])
	expect(state.readings).toBe(3)
	await writeFile(path("more/b.conf"), "Port 2\n", { mode: 0o600 })
	expect(wordsOf(await read())).toEqual(["1", "2", "one"])
	await rm(path("more/b.conf"))
	expect(wordsOf(await read())).toEqual(["1", "one"])
	await appendFile(path("more/a.conf"), "Port 3\n")
	expect(wordsOf(await read())).toEqual(["1", "3", "one"])
	await rm(path("config"))
	expect(wordsOf(await read())).toEqual([])
})

test("another file of the same length and time is another configuration", async () => {
	const { path, state, read } = await makeHome()
	const then = new Date("2026-01-01T00:00:00Z")
	await utimes(path("config"), then, then)
	await sleep(2100)
	await read()
	await read()
	expect(state.readings).toBe(1)
	await writeFile(path("new"), "Include more/*.conf\nUser two\n", { mode: 0o600 })
	await utimes(path("new"), then, then)
	await rename(path("new"), path("config"))
	expect(wordsOf(await read())).toEqual(["1", "two"])
})

const isRoot = process.getuid?.() === 0
test.skipIf(!isRoot)(
	`one that belongs to another user is refused${isRoot ? "" : ": only root can give a file away"}`,
	async () => {
		const { home, path } = await makeHome()
		await chown(path("config"), 12_345, 0)
		await expect(createSshConfig({ home }).read()).rejects.toMatchObject({
			failure: { code: "ssh-config-unreadable", data: { reason: expect.stringContaining("another user") } },
		})
	},
)
