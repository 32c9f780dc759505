import { execFileSync } from "node:child_process"
import { generateKeyPairSync, sign } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import {
	fingerprintOf,
	isSignatureOf,
	makeSignedBytes,
	parseKey,
	parseSignatures,
	printSignature,
} from "../../../../core/folder/ssh-signature.ts"
import { makeStatement } from "../../../../core/schema/module-statement.ts"

const statement = makeStatement({ name: "hotfix", version: "1.0.1", digest: "ab".repeat(32) })
let folder: string
let key: string
const keygen = (args: string[], input?: string) =>
	execFileSync("ssh-keygen", args, { cwd: folder, input, stdio: ["pipe", "pipe", "pipe"] }).toString()
const signByOpenSsh = (...options: string[]) => {
	writeFileSync(join(folder, "statement"), statement)
	rmSync(join(folder, "statement.sig"), { force: true })
	keygen(["-q", "-Y", "sign", "-n", "hotfix-module", "-f", "key", ...options, "statement"])
	return readFileSync(join(folder, "statement.sig"), "utf8")
}

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "hotfix-signature-"))
	keygen(["-q", "-t", "ed25519", "-N", "", "-C", "me@desk", "-f", "key"])
	key = readFileSync(join(folder, "key.pub"), "utf8").split(" ")[1] ?? ""
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test("what OpenSSH signs is a signature here, and is written again as it was", () => {
	const text = signByOpenSsh()
	const [found, ...more] = parseSignatures(text) ?? []
	expect(found?.key).toBe(key)
	expect(more).toEqual([])
	expect(found && isSignatureOf(statement, found)).toBe(true)
	expect(found && isSignatureOf(statement.replace("1.0.1", "1.0.2"), found)).toBe(false)
	expect(found && printSignature(found)).toBe(text)
	expect(keygen(["-l", "-f", "key.pub"])).toContain(` ${fingerprintOf(key)} `)
})

test("what is signed here OpenSSH verifies", () => {
	const pair = generateKeyPairSync("ed25519")
	const raw = Buffer.from(pair.publicKey.export({ format: "jwk" }).x ?? "", "base64url")
	const start = Buffer.from(key, "base64").subarray(0, -32)
	const own = Buffer.concat([start, raw]).toString("base64")
	const text = printSignature({ key: own, signature: sign(null, makeSignedBytes(statement), pair.privateKey) })
	writeFileSync(join(folder, "own.sig"), text)
	writeFileSync(join(folder, "allowed"), `me ssh-ed25519 ${own}\n`)
	const verify = ["-Y", "verify", "-n", "hotfix-module", "-f", "allowed", "-I", "me", "-s", "own.sig"]
	expect(keygen(verify, statement)).toContain("Good")
	expect(() => keygen(verify, `${statement}x`)).toThrow()
})

test("several signatures stand one after the other", () => {
	const text = signByOpenSsh()
	expect(parseSignatures(text + text)).toHaveLength(2)
})

test.each([
	["another purpose", () => signByOpenSsh("-n", "git")],
	["another hash", () => signByOpenSsh("-O", "hashalg=sha256")],
	[
		"another type of key",
		() => {
			keygen(["-q", "-t", "ecdsa", "-N", "", "-f", "ecdsa"])
			return signByOpenSsh("-f", "ecdsa")
		},
	],
	["nothing", () => ""],
	["text before it", () => `x\n${signByOpenSsh()}`],
	["text behind it", () => `${signByOpenSsh()}x\n`],
	["an empty line behind it", () => `${signByOpenSsh()}\n`],
	["other line ends", () => signByOpenSsh().replaceAll("\n", "\r\n")],
	["no end", () => signByOpenSsh().split("\n").slice(0, -2).join("\n")],
	["a byte more inside", () => grown(signByOpenSsh())],
	["base64 with rubbish in it", () => signByOpenSsh().replace("U1NI", "U1N*I")],
])("refused: %s", (_, make) => {
	expect(parseSignatures(make())).toBeUndefined()
})

const lines = (text: string) => text.split("\n").slice(1, -2).join("")
const grown = (text: string) => {
	const blob = Buffer.concat([Buffer.from(lines(text), "base64"), Buffer.from([0])])
	return ["-----BEGIN SSH SIGNATURE-----", blob.toString("base64"), "-----END SSH SIGNATURE-----", ""].join("\n")
}

test("a signature with any one bit turned over is none", () => {
	const bytes = Buffer.from(signByOpenSsh())
	const accepted: number[] = []
	for (let bit = 0; bit < bytes.length * 8; bit++) {
		const at = bit >> 3
		const turned = Buffer.from(bytes)
		turned.writeUInt8((bytes[at] ?? 0) ^ (1 << (bit & 7)), at)
		const found = parseSignatures(turned.toString("latin1")) ?? []
		// A bit of the key's makes another key's: then it does not fit that one either.
		if (found.some((one) => isSignatureOf(statement, one))) accepted.push(bit)
	}
	expect(accepted).toEqual([])
})

test.each(["", "AAAA", "x".repeat(68)])("no key: %j", (text) => {
	expect(parseKey(text)).toBeUndefined()
})

test("a key is written in one way only", () => {
	expect(parseKey(key)).toHaveLength(51)
	for (const other of [`${key}=`, key.slice(0, -1), `${key}AAAA`, ` ${key}`, key.replace("C3", "C4")])
		expect(parseKey(other)).toBeUndefined()
})
