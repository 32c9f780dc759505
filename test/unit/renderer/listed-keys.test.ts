import { execFileSync } from "node:child_process"
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { matchKeys, parseKeyList } from "../../../renderer/stores/listed-keys.ts"
import { wordsOf } from "../../../renderer/views/questions/use-key-list.ts"

/** Made by OpenSSH itself: what it prints is what people paste. */
const folder = mkdtempSync(join(tmpdir(), "listed-keys-"))
const keygen = (...args: string[]) =>
	execFileSync("ssh-keygen", args, { encoding: "utf8", cwd: folder, stdio: ["ignore", "pipe", "ignore"] })
let publicKey: string
let fingerprint: string
let printed: string

beforeAll(() => {
	keygen("-q", "-t", "ed25519", "-N", "", "-C", "root@cellar", "-f", "key")
	publicKey = readFileSync(join(folder, "key.pub"), "utf8").trim()
	printed = keygen("-lf", "key.pub").trim()
	fingerprint = printed.split(" ")[1] ?? ""
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const kindOf = async (text: string, host = "cellar", port = 22) => {
	const found = await matchKeys(await parseKeyList(text), [{ id: "q", host, port, fingerprint }])
	return found.get("q")?.kind
}
const keyOf = () => publicKey.split(" ").slice(0, 2).join(" ")
const hashed = (name: string) => {
	writeFileSync(join(folder, "known"), "")
	appendFileSync(join(folder, "known"), `${name} ${keyOf()}\n`)
	keygen("-q", "-H", "-f", "known")
	return readFileSync(join(folder, "known"), "utf8")
}

describe("a key is found in", () => {
	test("what ssh-keygen prints, a fingerprint alone, or one in the middle of a letter", async () => {
		expect(await kindOf(printed)).toBe("listed")
		expect(await kindOf(fingerprint)).toBe("listed")
		expect(await kindOf(`cellar: "${fingerprint}", as of Monday\r\n`)).toBe("listed")
	})
	test("a public key file", async () => expect(await kindOf(publicKey)).toBe("listed"))
	test.each([
		["cellar", 22],
		["other,cellar,10.0.0.1", 22],
		["[cellar]:2222", 2222],
		["CELL*", 22],
		["c?llar", 22],
	])("a known_hosts line for %s", async (names, port) =>
		expect(await kindOf(`${names} ${keyOf()}`, "cellar", port)).toBe("listed"),
	)
	test("a known_hosts line with a hashed name", async () => {
		const lines = hashed("cellar")
		expect(lines).toMatch(/^\|1\|/)
		expect(await kindOf(lines)).toBe("listed")
	})
})

describe("a key of another host counts for that one alone", () => {
	test.each(["attic", "[cellar]:2222", "*.cellar", "cellar?", "*,!cellar"])("%s", async (names) =>
		expect(await kindOf(`${names} ${keyOf()}`)).toBe("elsewhere"),
	)
	test("with a hashed name too", async () => expect(await kindOf(hashed("attic"))).toBe("elsewhere"))
	test("unless a line for this one follows", async () =>
		expect(await kindOf(`attic ${keyOf()}\ncellar ${keyOf()}`)).toBe("listed"))
})

test("a key that is revoked anywhere in the list is never a match", async () => {
	expect(await kindOf(`${fingerprint}\n@revoked * ${keyOf()}`)).toBe("revoked")
})

test("the key of an authority is no host's key", async () => {
	expect(await kindOf(`@cert-authority * ${keyOf()}`)).toBeUndefined()
})

test.each(["SHA256:tooshort", `SHA256:${"A".repeat(44)}`, "MD5:aa:bb", "ssh-ed25519 ***", "ssh-ed25519", "hello"])(
	"%j is no key, and is counted",
	async (line) => expect(await parseKeyList(`# a comment\n\n${line}\n`)).toEqual({ keys: [], strange: 1 }),
)

test("a pattern made to take long does not", async () => {
	const started = performance.now()
	expect(await kindOf(`${"*a".repeat(200)}b ${keyOf()}`, "a".repeat(253))).toBe("elsewhere")
	expect(performance.now() - started).toBeLessThan(500)
})

test("what a list is good for, in words", async () => {
	const list = await parseKeyList(`${fingerprint}\nSHA256:${"A".repeat(43)}\nhello`)
	const matches = await matchKeys(list, [{ id: "q", host: "cellar", port: 22, fingerprint }])
	expect(wordsOf(list, matches)).toBe("2 keys in the list, 1 of those above. 1 line of it cannot be read as a key.")
	expect(wordsOf({ keys: [], strange: 0 }, new Map())).toBe("")
})
