import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { createKeptKeys } from "../../../../core/fleet/signing/kept-keys.ts"
import { fingerprintOf } from "../../../../core/folder/ssh-signature.ts"
import { createSecretBox } from "../../../../electron/secret-box.ts"
import { callHotfix } from "../../../support/in-process.ts"
import { makeSealingStorage } from "../../../support/sealing-storage.ts"

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICHBElNtcRJRB8K7W+q4wGXRzlGyu1WWCiOLEuXzeEkz"

test("keys that sign are chosen by their public halves, all or none of them", async () => {
	const folder = mkdtempSync(join(tmpdir(), "hotfix-key-"))
	onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
	const key = (...args: string[]) => callHotfix(["--data", join(folder, "data"), "key", ...args])
	const file = (name: string, text: string) => {
		writeFileSync(join(folder, name), text)
		return join(folder, name)
	}
	const good = file("good.pub", `${KEY} me@desk\n`)
	expect(await key("use", good)).toMatchObject({ exit: 0, stdout: expect.stringContaining(`  ${KEY} me@desk\n`) })
	for (const other of [file("rsa.pub", "ssh-rsa AAAAB3NzaC1yc2E me"), file("two.pub", `${KEY}\n${KEY}\n`), "/nowhere"])
		expect(await key("use", good, other)).toMatchObject({ exit: 2, stdout: "" })
	expect((await key("list")).stdout).toContain(KEY)
	expect(await key("none")).toMatchObject({ exit: 0, stdout: "what is published is not signed\n" })
	expect((await key("list")).stdout).not.toContain(KEY)
})

test("a chosen key that the app made is listed with a word that only the app signs by it", async () => {
	const folder = mkdtempSync(join(tmpdir(), "hotfix-key-"))
	onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
	const { key } = await createKeptKeys(folder, createSecretBox(makeSealingStorage(), "linux")).make("team")
	const path = join(folder, "team.pub")
	writeFileSync(path, `ssh-ed25519 ${key} team\n`)
	expect((await callHotfix(["--data", folder, "key", "list"])).stderr).toBe("")
	expect(await callHotfix(["--data", folder, "key", "use", path])).toEqual({
		exit: 0,
		stdout: `${fingerprintOf(key)}  ssh-ed25519 ${key} team\n`,
		stderr: `made by the app, which alone signs by it: ${fingerprintOf(key)}\n`,
	})
})
