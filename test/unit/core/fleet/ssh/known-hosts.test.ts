import { execFileSync } from "node:child_process"
import { generateKeyPairSync } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import ssh2 from "ssh2"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { algorithmsFor, fingerprintOf, keyTypeOf } from "../../../../../core/fleet/ssh/host-key.ts"
import { createKnownHosts } from "../../../../../core/fleet/ssh/known-hosts.ts"
import { knownTypes, parseKnownHosts, verdictOf } from "../../../../../core/fleet/ssh/known-hosts-file.ts"
import { writeOpenSshEd25519 } from "../../../../../core/fleet/ssh/pkcs8.ts"

const makeKey = (type: "ed25519" | "rsa" = "ed25519") => {
	// Not ssh2's own generator: of its ed25519 keys 1 in 250 can be read by nobody.
	const text =
		type === "rsa"
			? generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs1", format: "pem" })
			: writeOpenSshEd25519(generateKeyPairSync("ed25519").privateKey)
	const key = ssh2.utils.parseKey(text)
	if (key instanceof Error) throw key
	const blob = key.getPublicSSH()
	const line = `${key.type} ${blob.toString("base64")}`
	return { line, blob, public: line }
}
const [a, b, c] = [makeKey(), makeKey(), makeKey("rsa")]

let folder: string
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "known-hosts-"))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const FILE = `
# a comment
plain.example ${a.line} with a comment
[ported.example]:2222 ${a.line}
one.example,two.example,10.0.0.7 ${a.line}
*.wild.example,!not.wild.example ${a.line}
h?st.example ${a.line}
rsa.example ${c.line}
both.example ${a.line}
both.example ${c.line}
@revoked gone.example ${b.line}
gone.example ${b.line}
@revoked * ${b.line}
@cert-authority *.corp.example ${a.line}
UPPER.example ${a.line}
broken.example ssh-ed25519 !!!!
lying.example ssh-rsa ${a.line.split(" ")[1]}
@unknown-marker marked.example ${a.line}
`
const TABLE: [host: string, port: number, key: Buffer, verdict: string][] = [
	["plain.example", 22, a.blob, "ok"],
	["PLAIN.example", 22, a.blob, "ok"],
	["plain.example", 22, makeKey().blob, "changed"],
	["plain.example", 2222, a.blob, "ok"],
	["plain.example", 2222, makeKey().blob, "unknown"],
	["ported.example", 2222, a.blob, "ok"],
	["ported.example", 2222, c.blob, "changed"],
	["ported.example", 22, a.blob, "unknown"],
	["two.example", 22, a.blob, "ok"],
	["10.0.0.7", 22, a.blob, "ok"],
	["x.wild.example", 22, a.blob, "ok"],
	["x.y.wild.example", 22, a.blob, "ok"],
	["not.wild.example", 22, a.blob, "unknown"],
	["wild.example", 22, a.blob, "unknown"],
	["host.example", 22, a.blob, "ok"],
	["hoost.example", 22, a.blob, "unknown"],
	["rsa.example", 22, a.blob, "changed"],
	["both.example", 22, c.blob, "ok"],
	["gone.example", 22, b.blob, "revoked"],
	["plain.example", 22, b.blob, "revoked"],
	["srv.corp.example", 22, a.blob, "unknown"],
	["upper.example", 22, a.blob, "ok"],
	["broken.example", 22, a.blob, "unknown"],
	["lying.example", 22, a.blob, "unknown"],
	["marked.example", 22, a.blob, "unknown"],
	["nobody.example", 22, a.blob, "unknown"],
]

describe("verdicts", () => {
	test.each(TABLE)("%s:%d", (host, port, key, verdict) => {
		expect(verdictOf(parseKnownHosts(FILE, "f"), host, port, key).verdict).toBe(verdict)
	})

	test("are the same on the names that ssh-keygen hashes", () => {
		const plain = FILE.split("\n").filter((line) => /^(plain|\[ported|one|rsa|both|UPPER)/.test(line))
		const path = join(folder, "hashed")
		writeFileSync(path, `${plain.join("\n")}\n`)
		execFileSync("ssh-keygen", ["-q", "-H", "-f", path], { stdio: "ignore" })
		const hashed = readFileSync(path, "utf8")
		expect(hashed).not.toContain("example")
		const isKept = ([host]: (typeof TABLE)[number]) => /^(plain|ported|one|two|10|rsa|both|upper)/i.test(host)
		const rows = TABLE.filter((row) => isKept(row) && row[3] !== "revoked")
		expect(rows.length).toBeGreaterThan(9)
		for (const [host, port, key, verdict] of rows) {
			expect([host, port, verdictOf(parseKnownHosts(hashed, "f"), host, port, key).verdict]).toEqual([
				host,
				port,
				verdict,
			])
		}
	})

	test("say where the other key stands, of the same type where there is one", () => {
		const verdict = verdictOf(parseKnownHosts(FILE, "/x/known_hosts"), "both.example", 22, makeKey("rsa").blob)
		expect(verdict).toMatchObject({ verdict: "changed", known: { file: "/x/known_hosts", line: 10, type: "ssh-rsa" } })
	})

	test("report a certificate authority, which cannot be checked", () => {
		const lines = parseKnownHosts(FILE, "f")
		expect(verdictOf(lines, "srv.corp.example", 22, a.blob)).toEqual({ verdict: "unknown", certAuthority: true })
		expect(verdictOf(lines, "nobody.example", 22, a.blob)).toEqual({ verdict: "unknown", certAuthority: false })
	})

	test("a pattern of many stars ends soon", () => {
		const line = `${"*a".repeat(400)}* ${a.line}`
		const name = `${"a".repeat(390)}.${"b".repeat(200)}`
		const begun = performance.now()
		verdictOf(parseKnownHosts(line, "f"), name, 22, a.blob)
		expect(performance.now() - begun).toBeLessThan(500)
	})
})

describe("host keys", () => {
	test("fingerprints are those of ssh-keygen -lf", () => {
		const path = join(folder, "key.pub")
		writeFileSync(path, a.public)
		expect(execFileSync("ssh-keygen", ["-lf", path], { encoding: "utf8" })).toContain(` ${fingerprintOf(a.blob)} `)
		expect(keyTypeOf(a.blob)).toBe("ssh-ed25519")
	})

	test.each([
		Buffer.alloc(0),
		Buffer.from([0, 0, 0]),
		Buffer.from([255, 255, 255, 255, 1]),
		Buffer.from([0, 0, 0, 9, 1]),
	])("of no sense have no type: %s", (blob) => expect(keyTypeOf(blob)).toBe(""))

	test("known types are offered first, RSA with SHA-2 only", () => {
		expect(algorithmsFor(["ssh-rsa"]).slice(0, 3)).toEqual(["rsa-sha2-512", "rsa-sha2-256", "ssh-ed25519"])
		expect(algorithmsFor([])).toEqual(algorithmsFor(["ssh-dss"]))
		expect(algorithmsFor(["ssh-rsa"])).not.toContain("ssh-rsa")
		expect(knownTypes(parseKnownHosts(FILE, "f"), "rsa.example", 22)).toEqual(["ssh-rsa"])
		expect(knownTypes(parseKnownHosts(FILE, "f"), "rsa.example", 99)).toEqual(["ssh-rsa"])
		expect(knownTypes(parseKnownHosts(FILE, "f"), "srv.corp.example", 22)).toEqual([])
	})
})

describe("own file", () => {
	test("takes trusted keys, many at once, and is closed to others", async () => {
		const ownFile = join(folder, "data", "known_hosts")
		const known = createKnownHosts({ ownFile, files: [] })
		const ports = [22, 2201, 2202, 2203, 2204]
		await Promise.all(ports.map((port) => known.trust("new.example", port, a.blob)))
		for (const port of ports) {
			const { judge, types } = await known.read("new.example", port)
			expect([judge(a.blob).verdict, judge(c.blob).verdict, types]).toEqual(["ok", "changed", ["ssh-ed25519"]])
		}
		expect(statSync(ownFile).mode & 0o777).toBe(0o600)
		expect(execFileSync("ssh-keygen", ["-F", "[new.example]:2203", "-f", ownFile], { encoding: "utf8" })).toContain(
			a.line,
		)
	})

	test("a line that was cut off does not swallow the next one", async () => {
		const ownFile = join(folder, "cut")
		writeFileSync(ownFile, "cut.example ssh-ed25519 AAAA")
		const known = createKnownHosts({ ownFile, files: [] })
		await known.trust("new.example", 22, a.blob)
		expect((await known.read("new.example", 22)).judge(a.blob).verdict).toBe("ok")
	})

	test("a file that cannot be read is a failure: a revoked key could stand in it", async () => {
		const known = createKnownHosts({ ownFile: folder, files: [] })
		await expect(known.read("new.example", 22)).rejects.toMatchObject({ failure: { code: "key-unreadable" } })
	})
})
