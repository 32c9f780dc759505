import { execFileSync } from "node:child_process"
import { generateKeyPairSync } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { expandHome, parseKeyText } from "../../../../../core/fleet/ssh/key-file.ts"
import { writeOpenSshEd25519 } from "../../../../../core/fleet/ssh/pkcs8.ts"

test("every ed25519 key that is written can be read, by this program and by OpenSSH", () => {
	const folder = mkdtempSync(join(tmpdir(), "keys-"))
	onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
	// Enough to meet what happens to one key in 250.
	for (let count = 0; count < 1500; count++) {
		const text = writeOpenSshEd25519(generateKeyPairSync("ed25519").privateKey)
		const parsed = parseKeyText(text)
		if (parsed.state !== "key") throw new Error(`cannot read ${text}`)
		if (count % 100 > 0) continue
		const path = join(folder, `key-${count}`)
		writeFileSync(path, text, { mode: 0o600 })
		const line = execFileSync("ssh-keygen", ["-y", "-f", path], { encoding: "utf8" })
		expect(line).toContain(parsed.key.getPublicSSH().toString("base64"))
	}
})

test.each([
	["nothing", "", "unknown-format"],
	["text", "hello", "unknown-format"],
	["a certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "unknown-format"],
	["a broken key", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----", "unknown-format"],
	["a broken key of OpenSSL", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "unknown-format"],
	[
		"a key no server knows",
		generateKeyPairSync("x25519").privateKey.export({ type: "pkcs8", format: "pem" }),
		"unknown-format",
	],
	["a PuTTY key of version 3", "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n", "unknown-format"],
])("%s is no key", (_, text, reason) => {
	expect(parseKeyText(String(text))).toEqual({ state: "unusable", reason })
})

test("a path may begin at home", () => {
	expect(expandHome("~/.ssh/id", "/home/u")).toBe("/home/u/.ssh/id")
	expect(["/etc/~/x", "~other/x", "rel/x"].map((path) => expandHome(path, "/home/u"))).toEqual([
		"/etc/~/x",
		"~other/x",
		"rel/x",
	])
})
