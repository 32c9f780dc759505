import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, readFileSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type CommandResult, collectOutput, poll } from "../support/appliances/command.ts"
import { canRunSshd, PlainSshd } from "../support/appliances/plain-sshd.ts"
import {
	type Appliance,
	canBootSystemd,
	createLab,
	type Lab,
	ownerPassword,
	prepareRootfs,
} from "../support/appliances/systemd.ts"
import { createPowerDisk } from "../support/power-disk.ts"

const ssh = (args: string[], env: NodeJS.ProcessEnv = {}): Promise<CommandResult> =>
	collectOutput(spawn("ssh", args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } }))

/** The project's own Node, which runs TypeScript. */
const nodePath = join(import.meta.dirname, "../../node_modules/.bin/node")

const systemd = canBootSystemd()
if (!systemd.ok) console.warn(`SKIPPED real systemd appliances: ${systemd.why}`)

describe.skipIf(!systemd.ok)(`real systemd appliances${systemd.ok ? "" : `: ${systemd.why}`}`, () => {
	let lab: Lab
	let alpha: Appliance
	let beta: Appliance

	beforeAll(async () => {
		await prepareRootfs()
		lab = await createLab({ name: "appliances" })
		;[alpha, beta] = await Promise.all([lab.boot("alpha"), lab.boot("beta", { disk: { imageMegabytes: 128 } })])
	}, 480_000)

	afterAll(async () => {
		if (!lab) return
		const { folder } = lab
		await lab.destroy()
		expect(findLeftovers(folder)).toEqual([])
	}, 180_000)

	test("boot to running with both services healthy", async () => {
		for (const appliance of [alpha, beta]) {
			expect(appliance.bootState).toBe("running")
			expect((await appliance.execOk("systemctl is-system-running")).trim()).toBe("running")
			expect((await appliance.execOk("systemctl is-active homeserver gunicorn")).split("\n")).toEqual([
				"active",
				"active",
				"",
			])
			const health = await appliance.exec("curl -fsS http://localhost:5000/health")
			expect(health).toMatchObject({ status: 0, stderr: "" })
			expect(JSON.parse(health.stdout)).toMatchObject({ status: "ok" })
			expect((await appliance.execOk("hostname; sudo -n true")).trim()).toBe(appliance.name)
		}
	})

	test("root signs in with the lab's key", async () => {
		expect(await ssh([...alpha.sshArgs("root"), "id -un; hostname"])).toMatchObject({
			status: 0,
			stdout: "root\nalpha\n",
		})
	})

	test("support signs in with the key and needs no password for sudo", async () => {
		expect(await ssh([...beta.sshArgs("support"), "id -un; sudo -n id -un"])).toMatchObject({
			status: 0,
			stdout: "support\nroot\n",
		})
	})

	test("owner signs in with a password, and sudo asks for it", async () => {
		const askpass = join(lab.folder, "askpass")
		await writeFile(askpass, `#!/bin/sh\ncat <<'END'\n${ownerPassword}\nEND\n`, { mode: 0o700 })
		const command = `id -un; sudo -n true 2>/dev/null || echo asks; echo "${ownerPassword}" | sudo -S -p '' id -un`
		const env = { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: "force" }
		expect(await ssh([...alpha.sshArgs("owner"), command], env)).toMatchObject({
			status: 0,
			stdout: "owner\nasks\nroot\n",
		})
	})

	test("the files can be seen and changed from outside", async () => {
		expect(readFileSync(join(alpha.rootPath, "etc/hostname"), "utf8")).toBe("alpha\n")
		await writeFile(join(alpha.rootPath, "root/from-outside"), "hello")
		expect(await alpha.execOk("cat /root/from-outside")).toBe("hello")
	})

	test("a broken source fails the build, a broken build or config fails the restart", async () => {
		const site = "/var/www/homeserver"
		expect((await alpha.exec(`cd ${site} && npm run build && systemctl restart homeserver`)).status).toBe(0)
		const broken = await alpha.exec(
			`cd ${site} && echo 'import { gone } from "./auth"' >> src/components/header.tsx && npm run build`,
		)
		expect(broken).toMatchObject({
			status: 1,
			stderr: expect.stringContaining(`"gone" is not exported by src/components/auth.tsx`),
		})
		expect(
			(await alpha.exec(`echo changed >> ${site}/dist/src/app.tsx && curl -fs localhost:5000/health`)).status,
		).toBe(22)
		expect((await alpha.exec("systemctl restart homeserver")).status).toBe(1)
		expect(
			(await alpha.exec(`echo 'PORT = "none"' >> ${site}/backend/config.py && systemctl restart gunicorn`)).status,
		).toBe(1)
	})

	test("files outlive a power cut, unsynced ones on an image disk do not", async () => {
		await alpha.execOk("echo kept > /root/kept")
		await beta.execOk("echo kept > /root/kept && sync && echo lost > /root/lost")
		await Promise.all([alpha.powerCut(), beta.powerCut()])
		expect((await ssh(["-o", "ConnectTimeout=1", ...alpha.sshArgs("root"), "true"])).status).toBe(255)
		await Promise.all([alpha.powerOn(), beta.powerOn()])
		expect(await alpha.execOk("cat /root/kept")).toBe("kept\n")
		expect(await beta.execOk("cat /root/kept")).toBe("kept\n")
		expect(existsSync(join(beta.rootPath, "root/lost"))).toBe(false)
		expect(await ssh([...beta.sshArgs("root"), "systemctl is-system-running"])).toMatchObject({ stdout: "running\n" })
	})

	test("an appliance that is up does not hold the disk of another", async () => {
		const disk = await createPowerDisk(join(lab.folder, "power"), 8)
		const held = await lab.boot("holder", { homeserver: false })
		await disk.cut()
		// Fails after a minute when somebody still has it.
		await disk.boot()
		await disk.end()
		await held.destroy()
	}, 300_000)

	test("a reboot gives a new boot id and the same files, asked for inside or outside", async () => {
		const readBootId = () => beta.execOk("cat /proc/sys/kernel/random/boot_id")
		const first = await readBootId()
		await beta.reboot()
		const second = await readBootId()
		expect(second).not.toBe(first)
		await ssh([...beta.sshArgs("support"), "sudo systemctl reboot"])
		await beta.waitBooted(second.trim())
		expect(await readBootId()).not.toBe(second)
		expect(await beta.execOk("cat /root/kept")).toBe("kept\n")
	})

	test("a connection hangs while the link is down and goes on when it is up again", async () => {
		const session = spawn("ssh", [...beta.sshArgs("root"), "echo begin; read x; echo end"], {
			stdio: ["pipe", "pipe", "inherit"],
		})
		const output = collectOutput(session)
		await once(session.stdout, "data")
		await beta.linkDown()
		session.stdin.end("go\n")
		await new Promise((resolve) => setTimeout(resolve, 400))
		expect(session.exitCode).toBeNull()
		await beta.linkUp()
		expect(await output).toMatchObject({ status: 0, stdout: "begin\nend\n" })
	})

	test("connections can be cut, sshd stopped, packets dropped, the machine frozen", async () => {
		const session = spawn("ssh", [...beta.sshArgs("root"), "echo begin; sleep 60"], {
			stdio: ["ignore", "pipe", "ignore"],
		})
		const closed = once(session, "close")
		await once(session.stdout, "data")
		await beta.cutConnections()
		expect(await closed).toEqual([255, null])
		const tries = () => ssh(["-o", "ConnectTimeout=1", ...beta.sshArgs("root"), "true"]).then(({ status }) => status)
		const faults = [
			[beta.stopSshd, beta.startSshd],
			[beta.dropPackets, beta.passPackets],
			[async () => beta.freeze(), async () => beta.thaw()],
		] as const
		for (const [begin, stop] of faults) {
			await begin()
			expect(await tries()).toBe(255)
			await stop()
			expect(await tries()).toBe(0)
		}
	})

	test("a replaced host key is refused", async () => {
		await beta.replaceHostKey()
		expect(await ssh([...beta.sshArgs("root"), "true"])).toMatchObject({
			status: 255,
			stderr: expect.stringContaining("IDENTIFICATION HAS CHANGED"),
		})
	})

	test("a lab goes away with its process, even when that is killed", async () => {
		const library = join(import.meta.dirname, "../support/appliances/systemd.ts")
		const script = `import { createLab } from ${JSON.stringify(library)}
			const lab = await createLab({ name: "killed" })
			await lab.boot("gamma")
			console.log(lab.folder)
			setInterval(() => {}, 1000)`
		const args = ["--input-type=module", "-e", script]
		const child = spawn(nodePath, args, { stdio: ["ignore", "pipe", "inherit"] })
		const folder = String((await once(child.stdout, "data"))[0]).trim()
		expect(findLeftovers(folder)).not.toEqual([])
		child.kill("SIGKILL")
		await poll("the guard removes the lab", 10, () => (findLeftovers(folder).length === 0 ? true : undefined))
	}, 120_000)
})

const sshd = canRunSshd()
if (!sshd.ok) console.warn(`SKIPPED plain sshd: ${sshd.why}`)

describe.skipIf(!sshd.ok)(`plain sshd${sshd.ok ? "" : `: ${sshd.why}`}`, () => {
	test("accepts its keys, comes back on the same port, ends sessions when told", async () => {
		const server = await PlainSshd.start({ clientKeyTypes: ["ed25519", "ecdsa"] })
		try {
			expect(await ssh([...server.sshArgs(), "echo hello"])).toMatchObject({ status: 0, stdout: "hello\n" })
			expect(await ssh([...server.sshArgs("ecdsa"), "echo hello"])).toMatchObject({ status: 0 })
			const session = spawn("ssh", [...server.sshArgs(), "echo begin; exec sleep 60"], {
				stdio: ["ignore", "pipe", "ignore"],
			})
			const closed = once(session, "close")
			await once(session.stdout, "data")
			server.killConnections()
			expect(await closed).toEqual([255, null])
			await server.stop()
			expect((await ssh([...server.sshArgs(), "true"])).status).toBe(255)
			await server.startAgain()
			await server.restart()
			expect((await ssh([...server.sshArgs(), "true"])).status).toBe(0)
		} finally {
			await server.destroy()
		}
		expect(existsSync(server.folder)).toBe(false)
	})
})

const runningCommandLines = () => execFileSync("ps", ["-eo", "args"], { encoding: "utf8" }).split("\n")

/** What of a lab is still there: folder, mounts, namespaces, links, processes. The lab's number is in its folder's name. */
function findLeftovers(folder: string): string[] {
	const number = /lab-(\d+)-\d+$/.exec(folder)?.[1]
	const lines = (program: string, args: string[]) =>
		execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).split("\n")
	return [
		...(existsSync(folder) ? [folder] : []),
		...readFileSync("/proc/mounts", "utf8")
			.split("\n")
			.filter((line) => line.includes(folder)),
		...lines("ip", ["netns", "list"]).filter((line) => line.startsWith(`hf${number}-`)),
		...lines("ls", ["/sys/class/net"]).filter((line) => line === `hfb${number}` || line.startsWith(`hfv${number}-`)),
		...lines("losetup", ["-a"]).filter((line) => line.includes(folder)),
		...runningCommandLines().filter((line) => line.includes(folder)),
	]
}
