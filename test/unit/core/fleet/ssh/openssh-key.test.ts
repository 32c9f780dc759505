import { execFileSync, spawnSync } from "node:child_process"
import { generateKeyPairSync } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { expect, onTestFinished, test } from "vitest"
import { publicPartOf } from "../../../../../core/fleet/ssh/openssh-key.ts"

const hasKeygen = spawnSync("ssh-keygen", ["-?"]).error === undefined
if (!hasKeygen) console.warn("SKIPPED public halves of OpenSSH's keys: ssh-keygen is not there")

test.skipIf(!hasKeygen).each([
	["ed25519", ""],
	["ed25519", "a passphrase"],
	["ecdsa", "a passphrase"],
	["rsa", "a passphrase"],
])("the public half of a private key, without its passphrase: %s %j", (type, passphrase) => {
	const folder = mkdtempSync(join(tmpdir(), "openssh-key-"))
	onTestFinished(() => rmSync(folder, { recursive: true }))
	const path = join(folder, "key")
	execFileSync("ssh-keygen", [
		"-q",
		"-t",
		type,
		...(type === "rsa" ? ["-b", "2048"] : []),
		"-N",
		passphrase,
		"-f",
		path,
	])
	const [, written] = readFileSync(`${path}.pub`, "utf8").split(" ")
	expect(publicPartOf(readFileSync(path, "utf8"))?.toString("base64")).toBe(written)
})

test("there is none in another format", () => {
	const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString()
	expect(publicPartOf(pem)).toBeUndefined()
})

test("any bytes have one or none, and never more than there is", () => {
	const head = Buffer.from("openssh-key-v1\0")
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
			const body = Buffer.concat([head, bytes]).toString("base64")
			const found = publicPartOf(`-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----\n`)
			expect((found ?? []).length).toBeLessThanOrEqual(bytes.length)
		}),
	)
})
