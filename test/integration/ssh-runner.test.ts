import { execFileSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest"
import { type RunnerBundle, readRunnerBundle } from "../../core/fleet/runner-install/bundle.ts"
import { type ConnectDeps, connectRunner } from "../../core/fleet/ssh/connect-runner.ts"
import type { Appliance } from "../../core/schema/appliance.ts"
import { canRunSshd, PlainSshd, type PlainSshdOptions } from "../support/appliances/plain-sshd.ts"
import { failureOf, makeAccess, withKey } from "../support/ssh/access.ts"
import { runnerBundlePath } from "../support/ssh/runner-bundle.ts"

const able = canRunSshd()
if (!able.ok) console.warn(`SKIPPED the runner over a plain sshd: ${able.why}`)
const isRoot = process.getuid?.() === 0
if (!isRoot) console.warn("SKIPPED full, read-only and foreign folders: they need root to be arranged")

describe.skipIf(!able.ok)(`the runner over a plain sshd${able.ok ? "" : `: ${able.why}`}`, () => {
	let sshd: PlainSshd
	let runnerBundle: RunnerBundle
	beforeAll(async () => {
		sshd = await PlainSshd.start()
		runnerBundle = await readRunnerBundle(await runnerBundlePath())
	})
	afterAll(() => sshd?.destroy())

	async function makePlace(server: PlainSshd, changes: Partial<ConnectDeps> = {}) {
		const access = await makeAccess(server)
		const stateFolder = join(access.folder, "state")
		return { ...access, runnerBundle, stateFolder, logFile: join(access.folder, "log"), ...changes }
	}
	async function connect(appliance: Appliance, deps: ConnectDeps) {
		const runner = await connectRunner(appliance, deps)
		onTestFinished(() => runner.close())
		return runner
	}
	async function start(options: PlainSshdOptions): Promise<PlainSshd> {
		const server = await PlainSshd.start(options)
		onTestFinished(() => server.destroy())
		return server
	}
	/** A server whose login shell does something of its own before the command. */
	const withLogin = (script: string) => {
		const folder = mkdtempSync(join(tmpdir(), "login-"))
		onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20 }))
		writeFileSync(join(folder, "login"), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
		return start({ config: [`ForceCommand ${join(folder, "login")}`] })
	}
	const command = 'exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"'

	test("is brought there once, and found there from then on", async () => {
		const steps: string[] = []
		const place = await makePlace(sshd, { onProgress: ({ step }) => steps.at(-1) !== step && steps.push(step) })
		const first = await connect(withKey(sshd), place)
		expect(await first.hello()).toMatchObject({ protocol: 1, node: expect.stringMatching(/^v/) })
		expect(first.session).toMatchObject({ host: sshd.host, port: sshd.port, user: sshd.user })
		expect(await first.missing(["0".repeat(64)])).toEqual(["0".repeat(64)])
		await connect(withKey(sshd), place)
		expect(steps).toEqual(["connecting", "installing", "starting", "connecting", "starting"])
		expect(readdirSync(join(place.stateFolder, "runners"))).toEqual([`${runnerBundle.digest}.cjs`])
	})

	test("can be asked before it has greeted", async () => {
		const asked: Promise<string[]>[] = []
		const place = await makePlace(sshd, { onStarted: (port) => asked.push(port.missing(["0".repeat(64)])) })
		await connect(withKey(sshd), place)
		expect(await Promise.all(asked)).toEqual([["0".repeat(64)]])
	})

	test("that was changed there is never started", async () => {
		const place = await makePlace(sshd)
		await (await connect(withKey(sshd), place)).close()
		const stored = join(place.stateFolder, "runners", `${runnerBundle.digest}.cjs`)
		writeFileSync(stored, `require("fs").writeFileSync(${JSON.stringify(join(place.folder, "ran"))}, "")`)
		expect(await (await connect(withKey(sshd), place)).hello()).toMatchObject({ protocol: 1 })
		expect(existsSync(join(place.folder, "ran"))).toBe(false)
	})

	test.each([
		["lines", "echo Welcome; echo 'to HOMESERVER'"],
		["no end of line", "printf 'Welcome. Last login: '"],
		["something on standard error", "echo 'perl: warning: locale' >&2"],
		["40 KiB", "head -c 40000 /dev/zero | tr '\\0' '#'"],
	])("starts behind a login shell that prints %s", async (_, noise) => {
		const noisy = await withLogin(`${noise}\n${command}`)
		expect(await (await connect(withKey(noisy), await makePlace(noisy))).hello()).toMatchObject({ protocol: 1 })
	})

	test.each([
		["has no shell", "/usr/sbin/nologin", "the account may not run commands"],
		["may copy files only", "internal-sftp", "the account may not run commands"],
	])("an account that %s", async (_, forced, reason) => {
		const server = await start({ config: [`ForceCommand ${forced}`] })
		const failure = await failureOf(connect(withKey(server), await makePlace(server)))
		expect(failure).toMatchObject({ code: "channel-refused", data: { host: server.host, reason } })
	})

	test.each([
		["ends at once", "exit 7", { exit: 7 }],
		[
			"never stops talking",
			"while :; do echo noise noise noise noise; done",
			{ reason: "the login shell says too much" },
		],
	])("a login shell that %s", async (_, script, data) => {
		const server = await withLogin(script)
		expect(await failureOf(connect(withKey(server), await makePlace(server)))).toMatchObject({
			code: "runner-failed",
			data,
		})
	})

	test("a connection that is cut while the runner is on its way leaves nothing half", async () => {
		const own = await start({})
		const place = await makePlace(own, { onProgress: ({ sentBytes }) => sentBytes > 0 && own.killConnections() })
		expect((await failureOf(connect(withKey(own), place))).code).toBe("connection-lost")
		expect(await (await connect(withKey(own), { ...place, onProgress: undefined })).hello()).toMatchObject({
			protocol: 1,
		})
		expect(readdirSync(join(place.stateFolder, "runners"))).toEqual([`${runnerBundle.digest}.cjs`])
	})

	test("a connection that is cut later ends its calls, and says so", async () => {
		const own = await start({})
		const runner = await connect(withKey(own), await makePlace(own))
		own.killConnections()
		expect((await failureOf(runner.status())).code).toBe("connection-lost")
		expect((await failureOf(runner.missing([]))).code).toBe("connection-lost")
	})

	test("an attempt that is cancelled while the runner starts", async () => {
		const server = await withLogin("sleep 30")
		const place = await makePlace(server, { signal: AbortSignal.timeout(1500) })
		expect((await failureOf(connect(withKey(server), place))).code).toBe("cancelled")
	})

	test("a state folder that others may write to", async () => {
		const place = await makePlace(sshd)
		mkdirSync(place.stateFolder)
		chmodSync(place.stateFolder, 0o777)
		const failure = await failureOf(connect(withKey(sshd), place))
		expect(failure).toMatchObject({ code: "state-unsafe", data: { path: place.stateFolder } })
	})

	test("a runner that was built anew while the program runs is not what was promised", async () => {
		const place = await makePlace(sshd, { runnerBundle: { ...runnerBundle, digest: "0".repeat(64) } })
		expect((await failureOf(connect(withKey(sshd), place))).code).toBe("internal")
	})

	describe.skipIf(!isRoot)(`folders that only root can arrange${isRoot ? "" : ": this is not root"}`, () => {
		test.each([
			["full", ["-o", "size=64k"], "disk-full"],
			["read-only", ["-o", "ro"], "read-only"],
		])("a disk that is %s", async (_, options, code) => {
			const place = await makePlace(sshd)
			mkdirSync(place.stateFolder)
			execFileSync("mount", ["-t", "tmpfs", ...options, "tmpfs", place.stateFolder])
			onTestFinished(() => void execFileSync("umount", ["-l", place.stateFolder]))
			if (code === "disk-full") chmodSync(place.stateFolder, 0o700)
			const failure = await failureOf(connect(withKey(sshd), place))
			expect(failure).toEqual({ code, data: { host: sshd.host, path: place.stateFolder } })
		})

		test("a folder in which nobody may write", async () => {
			const place = await makePlace(sshd)
			mkdirSync(place.stateFolder, { mode: 0o700 })
			execFileSync("chattr", ["+i", place.stateFolder])
			onTestFinished(() => void execFileSync("chattr", ["-i", place.stateFolder]))
			expect((await failureOf(connect(withKey(sshd), place))).code).toBe("not-permitted")
		})

		test("an appliance without Node", async () => {
			// Only this command's own view of the disk has no Node.
			const hide = "for f in /usr/bin/node /usr/local/bin/node; do [ -e $f ] && mount --bind /dev/null $f; done"
			const inner = `${hide}; PATH=/usr/sbin:/usr/bin:/sbin:/bin; export PATH; ${command}`
			const bare = await withLogin(`exec unshare -m sh -c '${inner}'`)
			const failure = await failureOf(connect(withKey(bare), await makePlace(bare)))
			expect(failure).toMatchObject({ code: "no-suitable-runtime", data: { needed: "18", host: bare.host } })
			expect(failure.data.found).toBeUndefined()
		})
	})
})
