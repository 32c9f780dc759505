import { randomBytes } from "node:crypto"
import { existsSync } from "node:fs"
import { readFile, rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest"
import { followRun } from "../../core/fleet/follow-run.ts"
import { type RunnerBundle, readRunnerBundle } from "../../core/fleet/runner-install/bundle.ts"
import { noRuntimes } from "../../core/fleet/runner-install/runtimes.ts"
import { type ConnectDeps, type ConnectProgress, connectRunner } from "../../core/fleet/ssh/connect-runner.ts"
import { supplyContents } from "../../core/fleet/supply.ts"
import type { RunnerPort } from "../../core/protocol/runner-port.ts"
import type { Appliance as Target } from "../../core/schema/appliance.ts"
import { makeSample, requestOf, type Sample, sha256, supplyAll } from "../conformance/sample-module.ts"
import { poll } from "../support/appliances/command.ts"
import { type Appliance, canBootSystemd, createLab, type Lab, ownerPassword } from "../support/appliances/systemd.ts"
import { applianceOf, failureOf, makeAccess, makeAsker, secret } from "../support/ssh/access.ts"
import { readCarriedRuntimes } from "../support/ssh/carried-runtimes.ts"
import { runnerBundlePath } from "../support/ssh/runner-bundle.ts"

const systemd = canBootSystemd()
if (!systemd.ok) console.warn(`SKIPPED what is brought to systemd appliances: ${systemd.why}`)

const state = "/var/lib/hotfix"

describe.skipIf(!systemd.ok)(`what is brought to a systemd appliance${systemd.ok ? "" : `: ${systemd.why}`}`, () => {
	let lab: Lab
	let runnerBundle: RunnerBundle
	let runtimes: Awaited<ReturnType<typeof readCarriedRuntimes>>
	beforeAll(async () => {
		lab = await createLab({ name: "install" })
		runnerBundle = await readRunnerBundle(await runnerBundlePath())
		runtimes = await readCarriedRuntimes()
	}, 480_000)
	afterAll(async () => {
		await lab?.destroy()
		if (runtimes) await rm(runtimes.cacheFolder, { recursive: true, force: true })
	}, 180_000)

	let count = 0
	const withoutNode = async (root: string) => {
		await rename(join(root, "usr/bin/node"), join(root, "usr/bin/node.away"))
	}
	const boot = (options: Parameters<Lab["boot"]>[1] = {}) =>
		lab.boot(`a${++count}`, { homeserver: false, arrange: withoutNode, ...options })
	const as = (appliance: Appliance, user = "root", changes: Partial<Target> = {}) =>
		applianceOf({ host: appliance.host, port: 22, user }, { signIn: { method: "key", path: lab.identity }, ...changes })
	const makeDeps = async (changes: Partial<ConnectDeps> = {}): Promise<ConnectDeps> => ({
		...(await makeAccess(lab)),
		runnerBundle,
		runtimes,
		...changes,
	})
	async function connect(appliance: Target, changes: Partial<ConnectDeps> = {}) {
		const runner = await connectRunner(appliance, await makeDeps(changes))
		onTestFinished(() => runner.close())
		return runner
	}
	/** A new connection, and what was told of it. */
	async function connectAndTell(appliance: Target, changes: Partial<ConnectDeps> = {}) {
		const told: ConnectProgress[] = []
		const runner = await connect(appliance, { ...changes, onProgress: (progress) => told.push(progress) })
		return { runner, told, steps: [...new Set(told.map(({ step }) => step))] }
	}
	const filesIn = (appliance: Appliance, folder: string) =>
		appliance.execOk(`ls -A ${state}/${folder}`).then((text) => text.split("\n").filter(Boolean).sort())
	const runtime = () => runtimes.list.find(({ architecture }) => architecture === "x64")?.name ?? "none"

	/** A module of one file whose closure waits for a file in /run. */
	function makeSlow(name: string): Sample {
		const closure = ["echo begun", `until [ -e /run/${name} ]; do sleep 0.05; done`, "echo went on"]
		const sample = makeSample("1.0.0", [{ id: name, files: { [`/etc/${name}.conf`]: "new\n" }, closure }])
		sample.manifest.name = name
		return sample
	}
	async function startRun(port: RunnerPort, sample: Sample): Promise<string> {
		await supplyAll(port, sample)
		const started = await port.start(requestOf(sample))
		if (started.state !== "started") throw new Error(JSON.stringify(started))
		return started.run
	}

	test("Node is brought where there is none, once; the run is done with it and goes on without us", async () => {
		const alpha = await boot()
		const { runner, told, steps } = await connectAndTell(as(alpha, "support", { become: "sudo" }))
		expect(steps).toEqual(["connecting", "runtime", "installing", "starting"])
		const { node } = await runner.hello()
		expect(runtime()).toContain(`node-${node}-x64-`)
		const bytes = told.filter(({ step, totalBytes }) => step === "runtime" && totalBytes > 0)
		expect(bytes.at(-1)?.sentBytes).toBe(bytes[0]?.totalBytes)
		expect(bytes.length).toBeGreaterThan(100)
		expect(await filesIn(alpha, "runtimes")).toEqual([runtime()])
		expect(await alpha.execOk(`stat -c '%a %U' ${state}/runtimes ${state}/runtimes/*`)).toBe("700 root\n700 root\n")

		const sample = makeSlow("survives")
		const run = await startRun(runner, sample)
		await runner.close()
		await alpha.execOk("loginctl terminate-user support; systemctl restart ssh")
		const workers = await alpha.execOk("for p in /proc/[0-9]*; do readlink $p/exe; done | grep runtimes || true")
		expect(new Set(workers.split("\n").filter(Boolean))).toEqual(new Set([`${state}/runtimes/${runtime()}`]))
		await poll("sshd answers", 10, async () =>
			(await alpha.exec("ss -tln | grep -q ':22 '")).status === 0 ? true : undefined,
		)

		const second = await connectAndTell(as(alpha, "support", { become: "sudo" }))
		expect(second.steps).toEqual(["connecting", "starting"])
		await alpha.execOk("touch /run/survives")
		const outcomes: unknown[] = []
		for await (const item of followRun({ connect: () => connect(as(alpha)), port: second.runner, run }))
			if (item.type === "event" && item.event.type === "run-finished") outcomes.push(item.event.outcome)
		expect(outcomes).toEqual(["applied"])
		expect(await readFile(join(alpha.rootPath, "etc/survives.conf"), "utf8")).toBe("new\n")
	})

	test("a run cut short by a power cut is put back at the next boot by the runtime that was brought", async () => {
		const alpha = await boot({ disk: { imageMegabytes: 512 } })
		await alpha.execOk("echo old > /etc/cut.conf; sync")
		const runner = await connect(as(alpha))
		const sample = makeSlow("cut")
		await startRun(runner, sample)
		const conf = join(alpha.rootPath, "etc/cut.conf")
		await poll("the new file is there", 30, async () => ((await readFile(conf, "utf8")) === "new\n" ? true : undefined))
		const unit = await alpha.execOk("cat /etc/systemd/system/hotfix-recover.service")
		expect(unit).toContain(`ExecStart="${state}/runtimes/${runtime()}" "${state}/runners/`)
		await alpha.powerCut()
		await alpha.powerOn()
		await alpha.execOk("touch /run/cut")
		await poll("the unit has gone", 60, () =>
			existsSync(join(alpha.rootPath, "etc/systemd/system/hotfix-recover.service")) ? undefined : true,
		)
		expect(await readFile(conf, "utf8")).toBe("old\n")
		const again = await connectAndTell(as(alpha))
		expect(again.steps).toEqual(["connecting", "starting"])
		expect((await again.runner.history({}))[0]).toMatchObject({ interrupted: true, outcome: "failed" })
	})

	test("a runtime that was changed there is never started, and brought anew", async () => {
		const alpha = await boot()
		await (await connect(as(alpha))).close()
		await alpha.execOk(`printf '#!/bin/sh\\ntouch /evil\\necho v24.0.0' > ${state}/runtimes/${runtime()}`)
		const { runner, steps } = await connectAndTell(as(alpha))
		expect(steps).toEqual(["connecting", "runtime", "starting"])
		expect(await runner.hello()).toMatchObject({ root: true })
		expect(existsSync(join(alpha.rootPath, "evil"))).toBe(false)
	})

	test("it goes through sudo with a password as well, and the password stays out of it", async () => {
		const alpha = await boot()
		const asker = makeAsker(secret(ownerPassword), secret(ownerPassword))
		const owner = as(alpha, "owner", { signIn: { method: "password" }, become: "sudo" })
		expect(await (await connect(owner, { asker })).hello()).toMatchObject({ root: true })
		const seen = await alpha.execOk(`cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr '\\0' '\\n'; journalctl -q`)
		expect(seen).toContain("hotfix")
		expect(seen).not.toContain(ownerPassword)
	})

	test("a cut in the middle leaves nothing half, and the next attempt brings it whole", async () => {
		const alpha = await boot()
		let cut: Promise<unknown> | undefined
		const failure = await failureOf(
			connect(as(alpha), {
				onProgress({ step, sentBytes, totalBytes }) {
					if (step === "runtime" && totalBytes > 0 && sentBytes > totalBytes / 2) cut ??= alpha.cutConnections()
				},
			}),
		)
		await cut
		expect(failure.code).toBe("connection-lost")
		await poll("what was half is gone", 20, async () =>
			(await filesIn(alpha, "runtimes")).length === 0 ? true : undefined,
		)
		expect((await connectAndTell(as(alpha))).steps).toEqual(["connecting", "runtime", "installing", "starting"])
		expect(await filesIn(alpha, "runtimes")).toEqual([runtime()])
	})

	test("a build that carries none, and a system on which it does not start", async () => {
		const alpha = await boot()
		expect(await failureOf(connect(as(alpha), { runtimes: noRuntimes }))).toEqual({
			code: "no-suitable-runtime",
			data: { host: alpha.host, architecture: "x86_64", reason: "not-carried", needed: "18" },
		})
		expect(existsSync(join(alpha.rootPath, state))).toBe(false)
		await alpha.execOk("mv /usr/lib/x86_64-linux-gnu/libstdc++.so.6 /root/")
		expect(await failureOf(connect(as(alpha)))).toMatchObject({
			code: "no-suitable-runtime",
			data: { reason: "does-not-start", output: expect.stringContaining("libstdc++.so.6") },
		})
		expect(await filesIn(alpha, "runtimes")).toEqual([])
	})

	test("a runtime that the desktop itself packed badly is packed anew for the next attempt", async () => {
		const alpha = await boot()
		const packed = await runtimes.pack(runtime())
		const whole = await readFile(packed.path)
		await writeFile(packed.path, Buffer.concat([whole.subarray(0, -1000), randomBytes(1000)]))
		expect((await failureOf(connect(as(alpha)))).code).toBe("upload-damaged")
		expect(await filesIn(alpha, "runtimes")).toEqual([])
		expect(await (await connect(as(alpha))).hello()).toMatchObject({ root: true })
	})

	test("after a run what nobody needs is removed: not what the next boot or a process needs", async () => {
		const alpha = await boot({ arrange: async () => {} })
		const port = await connect(as(alpha))
		const old = (mark: string) => `${mark.repeat(64)}.cjs`
		await alpha.execOk(`
			cd ${state}/runners; mkdir -p ../runtimes
			for mark in 1 2 3 4 5; do
				name=$(printf $mark%.0s $(seq 64))
				touch -d "40 days ago" $name.cjs ../runtimes/node-v20.0.0-x64-$name
			done
			touch -d "2 days ago" .half.77 ../runtimes/.half.78
			printf '[Service]\\nExecStart=/bin/true ${state}/runners/${old("2")}\\n' > /etc/systemd/system/hotfix-recover-abc.service
			systemd-run --quiet --unit=other sh -c "sleep 600; :" ${state}/runners/${old("3")}
			touch /run/tidy`)
		const run = await startRun(port, makeSlow("tidy"))
		for await (const _ of port.attach(run)) {
			// To its end.
		}
		const kept = [`${runnerBundle.digest}.cjs`, old("2"), old("3")].sort()
		await poll("old ones are gone", 20, async () =>
			(await filesIn(alpha, "runners")).join() === kept.join() ? true : undefined,
		)
		expect(await filesIn(alpha, "runtimes")).toEqual(["2", "3"].map((mark) => `node-v20.0.0-x64-${mark.repeat(64)}`))
	})

	/** The state folder on a disk of its own. */
	const mount = (appliance: Appliance, options: string) =>
		appliance.execOk(`mkdir -p ${state} && mount -t tmpfs -o ${options} tmpfs ${state} && chmod 700 ${state} || true`)

	test("a folder without exec is told before anything is sent", async () => {
		const alpha = await boot()
		await mount(alpha, "noexec")
		const told: string[] = []
		const failure = await failureOf(connect(as(alpha), { onProgress: ({ step }) => told.push(step) }))
		expect(failure).toEqual({ code: "no-exec", data: { host: alpha.host, path: state } })
		expect([told, await filesIn(alpha, "runtimes")]).toEqual([["connecting"], []])
	})

	test("a folder that can only be read", async () => {
		const alpha = await boot()
		await mount(alpha, "ro")
		expect(await failureOf(connect(as(alpha)))).toEqual({ code: "read-only", data: { host: alpha.host, path: state } })
	})

	test("a disk too small for a runtime is told before anything is sent, with how much is lacking", async () => {
		const alpha = await boot()
		await mount(alpha, "size=60m")
		const told: string[] = []
		const failure = await failureOf(connect(as(alpha), { onProgress: ({ step }) => told.push(step) }))
		const size = runtimes.list.find(({ name }) => name === runtime())?.size ?? 0
		expect(failure).toMatchObject({ code: "disk-full", data: { host: alpha.host, path: state } })
		expect(Number(failure.data.neededBytes) - size).toBeLessThan(1024)
		expect(Number(failure.data.freeBytes)).toBeLessThan(60 << 20)
		expect([told, await filesIn(alpha, "runtimes")]).toEqual([["connecting"], []])
	})

	test("a disk that fills up while the runtime is on its way", async () => {
		const alpha = await boot()
		await mount(alpha, "size=140m")
		let filling: Promise<unknown> | undefined
		const failure = await failureOf(
			connect(as(alpha), {
				onProgress({ step, sentBytes }) {
					if (step === "runtime" && sentBytes > 1 << 20) filling ??= alpha.exec(`fallocate -l 100M ${state}/filler`)
				},
			}),
		)
		await filling
		expect(failure).toEqual({ code: "disk-full", data: { host: alpha.host, path: state } })
		expect(await filesIn(alpha, "runtimes")).toEqual([])
		await alpha.execOk(`rm ${state}/filler`)
		expect(await (await connect(as(alpha))).hello()).toMatchObject({ root: true })
	})

	test("a disk too small for the runner, and one too small for the contents", async () => {
		const alpha = await boot({ arrange: async () => {} })
		await mount(alpha, "size=256k")
		expect(await failureOf(connect(as(alpha)))).toEqual({ code: "disk-full", data: { host: alpha.host, path: state } })
		expect(await filesIn(alpha, "runners")).toEqual([])

		await alpha.execOk(`mount -o remount,size=4m ${state}`)
		const port = await connect(as(alpha))
		const bytes = randomBytes(8 << 20)
		const source = { target: "large", digest: sha256(bytes), size: bytes.length, mode: 0o644 }
		async function* open() {
			for (let at = 0; at < bytes.length; at += 1 << 18) yield bytes.subarray(at, at + (1 << 18))
		}
		const failure = await failureOf(supplyContents(port, { sources: [source] }, open))
		expect(failure).toMatchObject({ code: "disk-full", data: { path: `${state}/sources` } })
		expect(await filesIn(alpha, "sources")).toEqual([])
		expect(await port.missing([source.digest])).toEqual([source.digest])
	})
})
