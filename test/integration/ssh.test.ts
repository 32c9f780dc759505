import { execFileSync } from "node:child_process"
import { createHash, generateKeyPairSync, randomBytes } from "node:crypto"
import { once } from "node:events"
import { appendFileSync, chmodSync, copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs"
import { createServer, type Socket } from "node:net"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest"
import { openSession } from "../../core/fleet/ssh/session.ts"
import { canRunSshd, PlainSshd, type PlainSshdOptions } from "../support/appliances/plain-sshd.ts"
import {
	applianceOf,
	failureOf,
	makeAccess,
	makeAsker,
	open,
	outputOf,
	refuse,
	secret,
	startAgent,
	trust,
	withKey,
} from "../support/ssh/access.ts"

const able = canRunSshd()
if (!able.ok) console.warn(`SKIPPED sessions to a plain sshd: ${able.why}`)

async function start(options: PlainSshdOptions): Promise<PlainSshd> {
	const sshd = await PlainSshd.start(options)
	onTestFinished(() => sshd.destroy())
	return sshd
}

/** A server of plain TCP; `onSocket` is all it does. */
async function listen(onSocket: (socket: Socket) => void) {
	const server = createServer((socket) => onSocket(socket.on("error", () => undefined))).listen(0, "127.0.0.1")
	await once(server, "listening")
	onTestFinished(() => void server.close())
	const address = server.address()
	return { host: "127.0.0.1", port: typeof address === "object" && address ? address.port : 0, user: "root" }
}

describe.skipIf(!able.ok)(`sessions to a plain sshd${able.ok ? "" : `: ${able.why}`}`, () => {
	let sshd: PlainSshd
	beforeAll(async () => {
		sshd = await PlainSshd.start({ hostKeyTypes: ["ed25519", "rsa"], clientKeyTypes: ["ed25519", "rsa", "ecdsa"] })
	})
	afterAll(() => sshd?.destroy())

	describe("sign-in", () => {
		test.each(["ed25519", "rsa", "ecdsa"] as const)("by a key file: %s", async (type) => {
			const session = await open(withKey(sshd, sshd.identities[type]), await makeAccess(sshd))
			expect(session.facts).toMatchObject({ user: sshd.user, method: "publickey", keyType: "ssh-ed25519" })
			expect((await outputOf(session, "id -un")).stdout.toString().trim()).toBe(sshd.user)
		})

		test.each([
			["rsa", "pkcs8", undefined],
			["ec", "pkcs8", undefined],
			["ed25519", "pkcs8", undefined],
			["ed25519", "pkcs8", "open sesame"],
			["rsa", "pkcs1", "open sesame"],
		] as const)("by a key that OpenSSL wrote: %s %s, passphrase %s", async (type, format, passphrase) => {
			const access = await makeAccess(sshd, { asker: makeAsker(secret("open sesame")) })
			const path = join(access.folder, "key")
			const { privateKey } =
				type === "rsa"
					? generateKeyPairSync("rsa", { modulusLength: 2048 })
					: type === "ec"
						? generateKeyPairSync("ec", { namedCurve: "P-256" })
						: generateKeyPairSync("ed25519")
			const cipher = passphrase ? { cipher: format === "pkcs1" ? "aes-128-cbc" : "aes-256-cbc", passphrase } : {}
			writeFileSync(path, privateKey.export({ type: format as "pkcs8", format: "pem", ...cipher }), { mode: 0o600 })
			// ssh-keygen reads no ed25519 of this form, so the public half comes from an OpenSSH form of the same key.
			await authorize(path, passphrase)
			expect((await open(withKey(sshd, path), access)).facts.method).toBe("publickey")
		})

		test("by a key with a passphrase, asked for once however many sessions", async () => {
			const asker = makeAsker(secret("wrong one"), secret("right one"))
			const access = await makeAccess(sshd, { asker })
			const path = protect(access.folder, "right one")
			const appliance = withKey(sshd, path)
			await Promise.all([open(appliance, access), open(appliance, access), open(appliance, access)])
			await open(appliance, access)
			expect(asker.asked).toEqual([
				{ kind: "passphrase", appliance: "alpha", path, wrong: false },
				{ kind: "passphrase", appliance: "alpha", path, wrong: true },
			])
		})

		test("a passphrase that nobody gives, or gives wrong three times, is said", async () => {
			const access = await makeAccess(sshd)
			const path = protect(access.folder, "right one")
			expect(await failureOf(open(withKey(sshd, path), access))).toEqual({ code: "passphrase-needed", data: { path } })
			const asker = makeAsker(secret("1"), secret("2"), secret("3"), secret("4"))
			expect(await failureOf(open(withKey(sshd, path), { ...access, asker }))).toEqual({
				code: "passphrase-wrong",
				data: { path },
			})
			expect(asker.asked.length).toBe(3)
			const refusing = { ...access, asker: makeAsker(refuse) }
			expect((await failureOf(open(withKey(sshd, path), refusing))).code).toBe("passphrase-needed")
		})

		test("by the agent, which passes over what the server does not take", async () => {
			const access = await makeAccess(sshd)
			const other = makeKeyFile(access.folder, "other")
			const agentSocket = await startAgent(access.folder, other, sshd.identities.ed25519 ?? "")
			const session = await open(applianceOf(sshd), { ...access, agentSocket })
			expect(session.facts.method).toBe("agent")
		})

		test.each([
			["none is running", null, "no agent is running"],
			["nothing answers at its socket", "/nonexistent/agent", "the agent does not answer"],
		])("no agent: %s", async (_, agentSocket, reason) => {
			const failure = await failureOf(open(applianceOf(sshd), await makeAccess(sshd, { agentSocket })))
			expect(failure.code).toBe("authentication-failed")
			expect(failure.data.reason).toBe(reason)
		})

		test("a key that is refused: which was tried, what would do", async () => {
			const access = await makeAccess(sshd)
			const failure = await failureOf(open(withKey(sshd, makeKeyFile(access.folder, "other")), access))
			expect(failure).toEqual({
				code: "authentication-failed",
				data: { host: sshd.host, port: sshd.port, user: sshd.user, tried: ["publickey"], offered: ["publickey"] },
			})
		})

		test("an agent with too many keys", async () => {
			const strict = await start({ config: ["MaxAuthTries 2"] })
			const access = await makeAccess(strict)
			const keys = ["k1", "k2", "k3", "k4"].map((name) => makeKeyFile(access.folder, name))
			const agentSocket = await startAgent(access.folder, ...keys)
			const failure = await failureOf(open(applianceOf(strict), { ...access, agentSocket }))
			expect(failure).toMatchObject({ code: "too-many-authentication-failures", data: { tried: 2 } })
		})

		test.each([
			["missing", () => undefined, "missing"],
			["a folder", (path: string) => execFileSync("mkdir", [path]), "a-folder"],
			["no key", (path: string) => writeFileSync(path, "hello", { mode: 0o600 }), "unknown-format"],
			["a public key", (path: string) => copyFileSync(`${sshd.identities.ed25519}.pub`, path), "public-key"],
			["open to others", (path: string) => copyFileSync(sshd.identities.ed25519 ?? "", path), "others may read it"],
		])("a key file that is %s cannot be used", async (_, arrange, reason) => {
			const access = await makeAccess(sshd)
			const path = join(access.folder, "key")
			arrange(path)
			if (existsSync(path)) chmodSync(path, reason.startsWith("others") ? 0o644 : 0o700)
			const failure = await failureOf(open(withKey(sshd, path), access))
			expect(failure).toMatchObject({ code: "key-unreadable", data: { path } })
			expect(failure.data.reason).toContain(reason)
		})

		function protect(folder: string, passphrase: string): string {
			const path = join(folder, "protected")
			copyFileSync(sshd.identities.ed25519 ?? "", path)
			chmodSync(path, 0o600)
			execFileSync("ssh-keygen", ["-q", "-p", "-P", "", "-N", passphrase, "-f", path], { stdio: "ignore" })
			return path
		}

		async function authorize(path: string, passphrase?: string): Promise<void> {
			const { loadKey } = await import("../../core/fleet/ssh/key-file.ts")
			const key = await loadKey(path, async () => passphrase)
			appendFileSync(join(sshd.folder, "authorized_keys"), `${key.type} ${key.getPublicSSH().toString("base64")}\n`)
		}
	})

	describe("host keys", () => {
		test("one that is not known is asked about once, and known from then on", async () => {
			const asker = makeAsker(trust)
			const access = await makeAccess(undefined, { asker })
			await open(withKey(sshd), access)
			await open(withKey(sshd), access)
			const [question] = asker.asked
			const shown = execFileSync("ssh-keygen", ["-lf", join(sshd.folder, "host_ed25519.pub")], { encoding: "utf8" })
			expect(question).toMatchObject({ kind: "host-key", host: sshd.host, port: sshd.port, keyType: "ssh-ed25519" })
			expect(shown).toContain(` ${question?.kind === "host-key" ? question.fingerprint : "none"} `)
			expect(asker.asked.length).toBe(1)
			expect(readFileSync(access.ownFile, "utf8")).toContain(`[127.0.0.1]:${sshd.port} ssh-ed25519 `)
		})

		test("one that was trusted stays known when the sign-in then fails", async () => {
			const asker = makeAsker(trust)
			const access = await makeAccess(undefined, { asker })
			const stranger = makeKeyFile(access.folder, "stranger")
			for (const _ of ["first", "second"]) {
				expect(await failureOf(open(withKey(sshd, stranger), access))).toMatchObject({ code: "authentication-failed" })
			}
			expect(asker.asked.length).toBe(1)
		})

		test.each([
			["nobody can answer", undefined],
			["a person refuses", makeAsker(refuse)],
		])("one that is not known blocks when %s, before anything is sent", async (_, asker) => {
			const access = await makeAccess(undefined, { asker })
			const path = join(access.folder, "never-read")
			const failure = await failureOf(open(withKey(sshd, path), access))
			expect(failure).toMatchObject({
				code: "host-key-unknown",
				data: { host: sshd.host, port: sshd.port, keyType: "ssh-ed25519" },
			})
			expect(existsSync(access.ownFile)).toBe(false)
		})

		test("a changed one blocks, asks nothing and says where the old one stands", async () => {
			const asker = makeAsker(trust)
			const access = await makeAccess(undefined, { asker })
			const line = readFileSync(`${makeKeyFile(access.folder, "old")}.pub`, "utf8")
				.split(" ")
				.slice(0, 2)
				.join(" ")
			writeFileSync(access.ownFile, `# mine\n[127.0.0.1]:${sshd.port} ${line}\n`)
			const failure = await failureOf(open(withKey(sshd), access))
			expect(failure).toMatchObject({ code: "host-key-changed", data: { path: access.ownFile, line: 2 } })
			expect(failure.data.known).not.toBe(failure.data.fingerprint)
			expect(asker.asked).toEqual([])
		})

		test("a revoked one blocks though it is known", async () => {
			const access = await makeAccess(sshd)
			writeFileSync(
				access.ownFile,
				sshd.hostKeyLines.map((line) => `@revoked * ${line.split(" ").slice(1).join(" ")}\n`).join(""),
			)
			expect(await failureOf(open(withKey(sshd), access))).toMatchObject({
				code: "host-key-revoked",
				data: { line: 1 },
			})
		})

		test("a server known by its RSA key alone shows that one", async () => {
			const access = await makeAccess(undefined)
			writeFileSync(access.ownFile, `${sshd.hostKeyLines.find((line) => line.includes("ssh-rsa"))}\n`)
			expect((await open(withKey(sshd), access)).facts.keyType).toBe("ssh-rsa")
		})

		test("one that the server changes key exchanges later is not asked about again", async () => {
			const busy = await start({ config: ["RekeyLimit 1M"] })
			const asker = makeAsker(trust)
			const session = await open(withKey(busy), await makeAccess(undefined, { asker }))
			const { stdout } = await outputOf(session, "head -c 12000000 /dev/zero")
			expect([stdout.length, asker.asked.length]).toEqual([12_000_000, 1])
		})

		test("a server that loses patience while the person thinks is dialled again", async () => {
			const hasty = await start({ config: ["LoginGraceTime 1"] })
			const slowly = () => new Promise<typeof trust>((resolve) => setTimeout(() => resolve(trust), 1800))
			const asker = makeAsker(slowly)
			const access = await makeAccess(undefined, { asker, deadlines: { handshake: 1000, signIn: 1500 } })
			await open(withKey(hasty), access)
			expect(asker.asked.length).toBe(1)
		})
	})

	describe("what does not answer as it should", () => {
		const plain = (endpoint: { host: string; port: number; user: string }) => applianceOf(endpoint)

		test("a closed port", async () => {
			const { port } = await listen(() => undefined)
			const closed = await start({})
			await closed.stop()
			expect(port).not.toBe(closed.port)
			const failure = await failureOf(open(withKey(closed), await makeAccess(closed)))
			expect(failure).toEqual({ code: "refused", data: { host: "127.0.0.1", port: closed.port } })
		})

		test("a name that does not exist", async () => {
			const failure = await failureOf(
				open(plain({ host: "no-such-host.invalid", port: 22, user: "root" }), await makeAccess(undefined)),
			)
			expect(failure).toMatchObject({ code: "name-not-found", data: { host: "no-such-host.invalid" } })
		})

		test.each([
			["says nothing", () => undefined, "timed-out", { phase: "banner" }],
			["hangs up", (socket: Socket) => socket.end(), "connection-lost", { phase: "banner" }],
			["resets", (socket: Socket) => socket.resetAndDestroy(), "connection-lost", {}],
			["is a web server", (socket: Socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"), "not-ssh", {}],
			["speaks SSH 1", (socket: Socket) => socket.write("SSH-1.5-old\r\n"), "not-ssh", {}],
			[
				"is at its limit",
				(socket: Socket) => socket.end("Exceeded MaxStartups\r\n"),
				"connection-lost",
				{ reason: "the server has too many connections" },
			],
			[
				"stops after its greeting",
				(socket: Socket) => socket.write("SSH-2.0-stuck\r\n"),
				"timed-out",
				{ phase: "key-exchange" },
			],
			["sends rubbish", (socket: Socket) => socket.write(`SSH-2.0-bad\r\n${"x".repeat(4000)}`), "connection-lost", {}],
		])("a server that %s", async (_, onSocket, code, data) => {
			const endpoint = await listen((socket) => void onSocket(socket))
			const failure = await failureOf(
				open(plain(endpoint), await makeAccess(undefined, { deadlines: { handshake: 700 } })),
			)
			expect(failure).toMatchObject({ code, data: { host: "127.0.0.1", port: endpoint.port, ...data } })
		})

		test("a server with other algorithms only", async () => {
			const other = await start({ config: ["Ciphers aes256-cbc"] })
			const failure = await failureOf(open(withKey(other), await makeAccess(other)))
			expect(failure).toMatchObject({ code: "no-common-algorithm", data: { kind: "cipher" } })
		})

		test("an attempt that is cancelled", async () => {
			const endpoint = await listen(() => undefined)
			const signal = AbortSignal.timeout(200)
			expect((await failureOf(open(plain(endpoint), await makeAccess(undefined, { signal })))).code).toBe("cancelled")
			expect((await failureOf(open(plain(endpoint), await makeAccess(undefined, { signal })))).code).toBe("cancelled")
		})

		test("an attempt that is cancelled while a person is asked", async () => {
			const asker = makeAsker(() => new Promise(() => undefined))
			const access = await makeAccess(undefined, { asker, signal: AbortSignal.timeout(400) })
			expect((await failureOf(open(withKey(sshd), access))).code).toBe("cancelled")
		})
	})

	describe("commands", () => {
		test("carry every byte both ways", async () => {
			const session = await open(withKey(sshd), await makeAccess(sshd))
			const program = await session.exec("cat")
			const content = randomBytes(3_000_000)
			const sending = (async () => {
				for (let at = 0; at < content.length; at += 100_000) await program.write(content.subarray(at, at + 100_000))
				program.endInput()
			})()
			const hash = createHash("sha256")
			for await (const chunk of program.read) hash.update(chunk)
			await sending
			expect(hash.digest("hex")).toBe(createHash("sha256").update(content).digest("hex"))
			expect(await program.ended).toEqual({ exit: 0 })
		})

		test.each([
			["exit 3", { exit: 3 }],
			["kill -KILL $$", { signal: "SIGKILL" }],
			["no-such-program-here", { exit: 127 }],
		])("tell how they ended: %s", async (command, end) => {
			expect((await outputOf(await open(withKey(sshd), await makeAccess(sshd)), command)).end).toEqual(end)
		})

		test("keep the end of what they complain about, not all of it", async () => {
			const session = await open(withKey(sshd), await makeAccess(sshd))
			const { stderr } = await outputOf(session, "head -c 3000000 /dev/zero | tr '\\0' x >&2; echo the end >&2")
			expect([stderr.length, stderr.slice(-9)]).toEqual([64 * 1024, "\nthe end\n".slice(1).padStart(9, "x")])
		})

		test("a channel more than the server allows is refused", async () => {
			const narrow = await start({ config: ["MaxSessions 1"] })
			const session = await open(withKey(narrow), await makeAccess(narrow))
			await session.exec("sleep 20")
			expect((await failureOf(session.exec("true"))).code).toBe("channel-refused")
		})

		test("that are cut off are lost, never ended well; the program lives on", async () => {
			const unsound: unknown[] = []
			const notice = (error: unknown) => unsound.push(error)
			process.on("uncaughtException", notice).on("unhandledRejection", notice)
			onTestFinished(() => void process.off("uncaughtException", notice).off("unhandledRejection", notice))
			const own = await start({})
			const session = await openSession(withKey(own), await makeAccess(own))
			const program = await session.exec("echo begun; sleep 30; echo done")
			const seen: string[] = []
			const reading = (async () => {
				for await (const chunk of program.read) {
					seen.push(Buffer.from(chunk).toString())
					own.killConnections()
				}
			})()
			const lost = { code: "connection-lost", data: expect.objectContaining({ host: own.host, port: own.port }) }
			expect(await failureOf(reading)).toEqual(lost)
			expect(await failureOf(program.ended)).toEqual(lost)
			expect((await failureOf(program.write(Buffer.from("x")))).code).toBe("connection-lost")
			expect((await failureOf(session.exec("true"))).code).toBe("connection-lost")
			expect((await session.ended)?.failure).toEqual(lost)
			await session.close()
			expect([seen.join(""), unsound]).toEqual(["begun\n", []])
		})

		test("a peer that falls silent is noticed", async () => {
			const own = await start({})
			const session = await open(withKey(own), await makeAccess(own, { deadlines: { keepalive: 300 } }))
			const program = await session.exec("echo $PPID; sleep 30")
			let begun = 0
			const reading = (async () => {
				for await (const chunk of program.read) {
					const server = Number(Buffer.from(chunk).toString())
					process.kill(server, "SIGSTOP")
					begun = performance.now()
					onTestFinished(() => void process.kill(server, "SIGCONT"))
				}
			})()
			expect(await failureOf(reading)).toMatchObject({ code: "connection-lost", data: { reason: "keepalive timeout" } })
			expect(performance.now() - begun).toBeLessThan(5000)
		})

		test("closing here is no loss", async () => {
			const session = await openSession(withKey(sshd), await makeAccess(sshd))
			await session.close()
			expect(await session.ended).toBeUndefined()
		})
	})
})

function makeKeyFile(folder: string, name: string): string {
	const path = join(folder, name)
	execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path])
	return path
}
