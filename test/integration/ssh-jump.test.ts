import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest"
import { type FollowItem, followRun } from "../../core/fleet/follow-run.ts"
import { readRunnerBundle } from "../../core/fleet/runner-install/bundle.ts"
import { carryTo } from "../../core/fleet/ssh/carry.ts"
import { connectRunner } from "../../core/fleet/ssh/connect-runner.ts"
import { openSession, type SessionDeps } from "../../core/fleet/ssh/session.ts"
import type { Appliance } from "../../core/schema/appliance.ts"
import { makeSample, requestOf, supplyAll } from "../conformance/sample-module.ts"
import { poll, run } from "../support/appliances/command.ts"
import { canRunSshd, PlainSshd, type PlainSshdOptions } from "../support/appliances/plain-sshd.ts"
import {
	applianceOf,
	failureOf,
	hostBlock,
	knowAll,
	makeAccess,
	makeAsker,
	makeSshConfig,
	open,
	outputOf,
	secret,
	trust,
	withKey,
} from "../support/ssh/access.ts"
import { runnerBundlePath } from "../support/ssh/runner-bundle.ts"

const able = canRunSshd()
if (!able.ok) console.warn(`SKIPPED jump hosts of plain sshds: ${able.why}`)

async function start(options: PlainSshdOptions = {}): Promise<PlainSshd> {
	const sshd = await PlainSshd.start(options)
	onTestFinished(() => sshd.destroy())
	return sshd
}

describe.skipIf(!able.ok)(`jump hosts${able.ok ? "" : `: ${able.why}`}`, () => {
	let gate: PlainSshd
	let inner: PlainSshd
	let target: PlainSshd
	beforeAll(async () => {
		const [one, two, three] = await Promise.all([PlainSshd.start(), PlainSshd.start(), PlainSshd.start()])
		gate = one
		inner = two
		target = three
	})
	afterAll(() => Promise.all([gate, inner, target].map((sshd) => sshd?.destroy())))

	const placeOf = ({ user, host, port }: PlainSshd) => `${user}@${host}:${port}`
	const behind = (jump: string, changes: Partial<Appliance> = {}) => ({ ...withKey(target), jump, ...changes })
	/** All servers known, and the jump hosts by their aliases `gate` and `inner`. */
	async function makeDeps(changes: Partial<SessionDeps> = {}, servers = { gate, inner, target }) {
		const access = await makeAccess(undefined)
		const known = await knowAll(access.folder, servers.gate, servers.inner, servers.target)
		const blocks = [hostBlock("gate", servers.gate), hostBlock("inner", servers.inner)]
		return {
			...(await makeAccess(known)),
			folder: access.folder,
			sshConfig: await makeSshConfig(access.folder, blocks.join("")),
			...changes,
		}
	}
	const endOfConnections = (...servers: PlainSshd[]) =>
		poll("all connections end", 10, () => servers.every((sshd) => sshd.countConnections() === 0) || undefined)

	test("one", async () => {
		const session = await open(behind("gate"), await makeDeps())
		expect(session.facts).toMatchObject({ host: target.host, port: target.port, via: [placeOf(gate)] })
		expect((await outputOf(session, "echo $SSH_CONNECTION")).stdout.toString()).toContain(` ${target.port}\n`)
		expect([gate.countConnections(), target.countConnections()]).toEqual([1, 1])
		await session.close()
		expect(await session.ended).toBeUndefined()
		await endOfConnections(gate, target)
	})

	test("two, and every byte both ways", async () => {
		const session = await open(behind("gate,inner"), await makeDeps())
		expect(session.facts.via).toEqual([placeOf(gate), placeOf(inner)])
		const program = await session.exec("cat")
		const content = randomBytes(3_000_000)
		const sending = program.write(content).then(() => program.endInput())
		const chunks: Uint8Array[] = []
		for await (const chunk of program.read) chunks.push(chunk)
		await sending
		expect(Buffer.concat(chunks).equals(content)).toBe(true)
		expect(await program.ended).toEqual({ exit: 0 })
		await session.close()
		await endOfConnections(gate, inner, target)
	})

	test("from the configuration alone, one before the other", async () => {
		const deps = await makeDeps()
		const blocks = [
			hostBlock("web", target, "ProxyJump inner"),
			hostBlock("inner", inner, "ProxyJump gate"),
			hostBlock("gate", gate),
		]
		const sshConfig = await makeSshConfig(deps.folder, blocks.join(""))
		const session = await open(applianceOf({ ...target, host: "web" }), { ...deps, sshConfig })
		expect(session.facts).toMatchObject({
			host: target.host,
			method: "publickey",
			via: [placeOf(gate), placeOf(inner)],
		})
	})

	test("keys with a passphrase, at a jump host and behind it: each is asked for once, by the name of its server", async () => {
		const asker = makeAsker(secret("of the gate"), secret("of the target"))
		const deps = await makeDeps({ asker })
		const gateKey = await protect(deps.folder, gate, "of the gate")
		const targetKey = await protect(deps.folder, target, "of the target")
		const block = hostBlock("gate", gate).replace(String(gate.identities.ed25519), gateKey)
		const sshConfig = await makeSshConfig(deps.folder, block)
		const appliance = behind("gate", { signIn: { method: "key", path: targetKey } })
		await open(appliance, { ...deps, sshConfig })
		await open(appliance, { ...deps, sshConfig })
		expect(asker.asked).toEqual([
			{ kind: "passphrase", appliance: "gate", path: gateKey, wrong: false },
			{ kind: "passphrase", appliance: "alpha", path: targetKey, wrong: false },
		])
	})

	test("one for many appliances: no more sign in at once than a server takes", async () => {
		const narrow = await start({ config: ["MaxStartups 9:100:9"] })
		const deps = await makeDeps({}, { gate: narrow, inner, target })
		const sessions = await Promise.all(Array.from({ length: 24 }, () => open(behind("gate"), deps)))
		expect(narrow.countConnections()).toBe(24)
		await Promise.all(sessions.map((session) => session.close()))
	})

	test("unknown host keys are asked about one after the other", async () => {
		const asker = makeAsker(trust, trust)
		const deps = await makeDeps({ asker })
		const access = await makeAccess(undefined)
		await open(behind("gate"), { ...deps, knownHosts: access.knownHosts })
		expect(asker.asked).toMatchObject([
			{ kind: "host-key", appliance: "gate", port: gate.port },
			{ kind: "host-key", appliance: "alpha", port: target.port },
		])
		expect(readFileSync(access.ownFile, "utf8").split("\n").length).toBe(3)
	})

	test.each(["jump host", "target"])("a changed host key of the %s blocks, and is that one's", async (which) => {
		const deps = await makeDeps()
		const changed = which === "target" ? target : gate
		const other = which === "target" ? gate : target
		const wrong = (inner.hostKeyLines[0] ?? "").replace(String(inner.port), String(changed.port))
		writeFileSync(join(deps.folder, "changed"), `${wrong}\n${other.hostKeyLines.join("\n")}\n`)
		const access = await makeAccess({ knownHosts: join(deps.folder, "changed") })
		const failure = await failureOf(openSession(behind("gate"), { ...deps, knownHosts: access.knownHosts }))
		expect(failure).toMatchObject({ code: "host-key-changed", data: { port: changed.port, line: 1 } })
		await endOfConnections(gate, target)
	})

	describe("a jump host that does not lead on", () => {
		test.each([
			["allows no forwarding", ["AllowTcpForwarding no"]],
			["allows other places only", ["PermitOpen 127.0.0.1:1"]],
			["allows the other direction only", ["AllowTcpForwarding remote"]],
		])("%s", async (_, config) => {
			const strict = await start({ config })
			const deps = await makeDeps({}, { gate: strict, inner, target })
			expect(await failureOf(openSession(behind("gate"), deps))).toMatchObject({
				code: "jump-refused",
				data: { host: strict.host, port: strict.port, target: `${target.host}:${target.port}` },
			})
			await endOfConnections(strict, target)
		})

		test("is named where it is the second", async () => {
			const strict = await start({ config: ["AllowTcpForwarding no"] })
			const deps = await makeDeps({}, { gate, inner: strict, target })
			expect(await failureOf(openSession(behind("gate,inner"), deps))).toMatchObject({
				code: "jump-refused",
				data: { port: strict.port, target: `${target.host}:${target.port}` },
			})
			await endOfConnections(gate, strict)
		})

		test("refuses the sign-in, or is not there: it is named, not the appliance", async () => {
			const deps = await makeDeps()
			const stranger = hostBlock("gate", gate).replace(String(gate.identities.ed25519), inner.identities.ed25519 ?? "")
			const sshConfig = await makeSshConfig(deps.folder, stranger)
			const failure = await failureOf(openSession(behind("gate"), { ...deps, sshConfig }))
			expect(failure).toMatchObject({
				code: "authentication-failed",
				data: { port: gate.port, user: gate.user, tried: [inner.identities.ed25519, target.identities.ed25519] },
			})
			const stopped = await start()
			await stopped.stop()
			const gone = await makeSshConfig(deps.folder, hostBlock("gate", stopped))
			expect(await failureOf(openSession(behind("gate"), { ...deps, sshConfig: gone }))).toEqual({
				code: "refused",
				data: { host: stopped.host, port: stopped.port },
			})
		})
	})

	describe("a server behind a jump host that", () => {
		test("does not listen", async () => {
			const stopped = await start()
			await stopped.stop()
			const appliance = { ...withKey(stopped), jump: "gate" }
			const data = { host: stopped.host, port: stopped.port }
			expect(await failureOf(openSession(appliance, await makeDeps()))).toEqual({ code: "refused", data })
			await endOfConnections(gate)
		})

		test("has no name", async () => {
			const appliance = behind("gate", { host: "no-such-host.invalid" })
			expect(await failureOf(openSession(appliance, await makeDeps()))).toMatchObject({
				code: "name-not-found",
				data: { host: "no-such-host.invalid" },
			})
		})

		test("says nothing, or no SSH", async () => {
			const silent = createServer().listen(0, "127.0.0.1")
			await once(silent, "listening")
			onTestFinished(() => void silent.close())
			const address = silent.address()
			const port = typeof address === "object" && address ? address.port : 0
			const deps = await makeDeps({ deadlines: { handshake: 700 } })
			const failure = await failureOf(openSession(behind("gate", { port }), deps))
			expect(failure).toMatchObject({ code: "timed-out", data: { port, phase: "banner" } })
			silent.on("connection", (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"))
			expect((await failureOf(openSession(behind("gate", { port }), deps))).code).toBe("not-ssh")
			await endOfConnections(gate)
		})

		test("is given up when the jump host does not answer in time, or on request", async () => {
			const via = await open(withKey(gate), await makeDeps())
			onTestFinished(gate.freezeConnections())
			const to = { host: target.host, port: target.port }
			expect(await failureOf(carryTo(to, { via, deadlineMs: 700, signal: undefined }))).toEqual({
				code: "timed-out",
				data: { ...to, phase: "connect", seconds: 1 },
			})
			const signal = AbortSignal.timeout(200)
			expect((await failureOf(carryTo(to, { via, deadlineMs: 5000, signal }))).code).toBe("cancelled")
			expect((await failureOf(carryTo(to, { via, deadlineMs: 5000, signal }))).code).toBe("cancelled")
		})
	})

	test("when one dies, everything behind it is lost: it is named, and nothing is left", async () => {
		const unsound: unknown[] = []
		const notice = (error: unknown) => unsound.push(error)
		process.on("uncaughtException", notice).on("unhandledRejection", notice)
		onTestFinished(() => void process.off("uncaughtException", notice).off("unhandledRejection", notice))
		const session = await openSession(behind("gate,inner"), await makeDeps())
		const program = await session.exec("echo begun; sleep 30")
		const reading = (async () => {
			for await (const _ of program.read) gate.killConnections()
		})()
		const lost = { code: "connection-lost", data: expect.objectContaining({ host: gate.host, port: gate.port }) }
		expect(await failureOf(reading)).toEqual(lost)
		expect(await failureOf(program.ended)).toEqual(lost)
		expect((await session.ended)?.failure).toEqual(lost)
		expect((await failureOf(session.exec("true"))).code).toBe("connection-lost")
		await session.close()
		await endOfConnections(gate, inner, target)
		expect(unsound).toEqual([])
	})

	test("when the target dies, it is named, and the jump hosts are left", async () => {
		const session = await openSession(behind("gate,inner"), await makeDeps())
		target.killConnections()
		expect((await session.ended)?.failure).toMatchObject({ code: "connection-lost", data: { port: target.port } })
		await endOfConnections(gate, inner, target)
	})

	test("a frozen one is noticed within 30 seconds, by the deadlines that everybody has", async () => {
		const session = await openSession(behind("gate"), await makeDeps())
		const thaw = gate.freezeConnections()
		onTestFinished(thaw)
		const begun = performance.now()
		const failure = (await session.ended)?.failure
		const seconds = (performance.now() - begun) / 1000
		console.info(`a frozen jump host was noticed after ${seconds.toFixed(1)} s`)
		expect(failure).toMatchObject({ code: "connection-lost", data: { reason: "keepalive timeout" } })
		expect(seconds).toBeLessThan(30)
		thaw()
		await endOfConnections(gate, target)
	})

	test("one that dies in the middle of a run: it is followed to its end, without gap or double", async () => {
		const deps = await makeDeps()
		const runnerBundle = await readRunnerBundle(await runnerBundlePath())
		const place = { ...deps, runnerBundle, stateFolder: join(deps.folder, "state"), logFile: join(deps.folder, "log") }
		const go = join(deps.folder, "go")
		const destination = join(deps.folder, "mended")
		const sample = makeSample("1.0.0", [
			{
				id: "jump",
				files: { [destination]: "new\n" },
				closure: ["for i in 1 2 3; do echo line $i; done", `while [ ! -e ${go} ]; do sleep 0.1; done`, "echo after"],
			},
		])
		const connect = () => connectRunner(behind("gate"), place)
		const port = await connect()
		await supplyAll(port, sample)
		const started = await port.start(requestOf(sample))
		if (started.state !== "started") throw new Error(JSON.stringify(started))
		const items: FollowItem[] = []
		for await (const item of followRun({ connect, port, run: started.run, waitsMs: [200] })) {
			items.push(item)
			if (item.type === "event" && item.event.type === "command-started" && item.event.index === 1)
				gate.killConnections()
			if (item.type === "connection" && item.state === "connected") writeFileSync(go, "")
		}
		const events = items.flatMap((item) => (item.type === "event" ? item.event : []))
		expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
		expect(events.at(-1)).toMatchObject({ type: "run-finished", outcome: "applied" })
		const losses = items.flatMap((item) => (item.type === "connection" && item.state === "lost" ? item.failure : []))
		expect(losses).toMatchObject([{ code: "connection-lost", data: { port: gate.port } }])
		expect(existsSync(destination)).toBe(true)
		rmSync(go)
		await endOfConnections(gate, target)
	})

	async function protect(folder: string, sshd: PlainSshd, passphrase: string): Promise<string> {
		const path = join(folder, `protected-${sshd.port}`)
		writeFileSync(path, readFileSync(sshd.identities.ed25519 ?? ""), { mode: 0o600 })
		await run("ssh-keygen", ["-q", "-p", "-P", "", "-N", passphrase, "-f", path])
		return path
	}
})
