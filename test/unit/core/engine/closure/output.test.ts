import { spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { KEPT_BYTES, LAST_BYTES, LIVE_BYTES } from "../../../../../core/engine/closure/command-output.ts"
import { describeCommand } from "../../../../../core/engine/closure/command-result.ts"
import { runCommands } from "../../../../../core/engine/closure/run-commands.ts"
import { createShellPort } from "../../../../../core/engine/node-host/shell.ts"
import { clock, isInstalled, runIn, SHELLS } from "./shells.ts"

const sh = { path: "/bin/sh", args: ["-s"] }

describe.each(SHELLS)("$name", (shell) => {
	const row = test.skipIf(!isInstalled(shell))

	row("256 MiB of output: bounded memory, beginning and end told, the cut counted", async () => {
		const before = process.memoryUsage().rss
		let most = 0
		const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20)
		const ran = await runIn(shell.program, ["echo first; yes | head -c 256M; echo last"], { timeoutSeconds: 15 })
		clearInterval(timer)
		const printed = "first\n".length + 256 * 2 ** 20 + "last\n".length
		const cutBytes = printed - LIVE_BYTES - KEPT_BYTES
		expect(ran.result).toMatchObject({ ok: true, commands: [{ exit: 0, cutBytes }] })
		const [begin = "", end = ""] = (ran.stdout[0] ?? "").split(`<cut ${cutBytes}>`)
		expect([begin.length, end.length]).toEqual([LIVE_BYTES, KEPT_BYTES])
		expect([begin.slice(0, 8), end.slice(-8)]).toEqual(["first\ny\n", "\ny\nlast\n"])
		expect(ran.result.commands[0]?.lastOutput.length).toBe(LAST_BYTES)
		expect(most - before).toBeLessThan(150 * 1024 * 1024)
	})

	row("what is told of 100,000 lines is what was printed, its end too", async () => {
		const ran = await runIn(shell.program, ["seq 1 100000"], { timeoutSeconds: 15 })
		const printed = Array.from({ length: 100_000 }, (_, index) => `${index + 1}\n`).join("")
		const [begin = "", end = ""] = (ran.stdout[0] ?? "").split(/<cut \d+>/)
		expect(printed.startsWith(begin)).toBe(true)
		expect(printed.endsWith(end)).toBe(true)
		expect([begin.length, end.length]).toEqual([LIVE_BYTES, KEPT_BYTES])
		expect(ran.result.commands[0]?.lastOutput).toBe(printed.slice(-LAST_BYTES))
	})

	row("300 commands in one shell leave no descriptor behind", async () => {
		const count = "ls /proc/$$/fd | wc -l"
		const commands = [count, ...Array.from({ length: 298 }, () => "exec 5</dev/null; cd /tmp; ls / >/dev/null"), count]
		const ran = await runIn(shell.program, commands, { timeoutSeconds: 5 })
		expect(ran.result.ok).toBe(true)
		expect(Number(ran.stdout[299])).toBeLessThan(Number(ran.stdout[0]) + 4)
	})

	row("the shell's environment is ours alone", async () => {
		process.env.SSH_CONNECTION = "1.2.3.4"
		process.env.NODE_OPTIONS_OF_OURS = "x"
		const ran = await runIn(shell.program, ["env"], { env: { EXTRA: "1" } })
		const names = (ran.stdout[0] ?? "").split("\n").flatMap((line) => line.match(/^(\w+)=/)?.[1] ?? [])
		const known =
			"DEBIAN_FRONTEND EXTRA HOME HOTFIX_CLOSURE LANG LOGNAME OLDPWD PATH PWD SHELL SHLVL TERM USER _".split(" ")
		expect(names.filter((name) => !known.includes(name))).toEqual([])
		expect(ran.stdout[0]).toContain("LANG=C.UTF-8\n")
		expect(ran.stdout[0]).toContain("DEBIAN_FRONTEND=noninteractive\n")
		expect(ran.stdout[0]).toMatch(/^PATH=\/usr\/local\/sbin:\/usr\/local\/bin:\/usr\/sbin:\/usr\/bin:\/sbin:\/bin$/m)
	})
})

const cannotHide = spawnSync("unshare", ["-m", "true"]).status === 0 ? "" : " (skipped: needs root and unshare)"

test.skipIf(cannotHide !== "")(`bash where it is, else sh, whatever PATH says${cannotHide}`, () => {
	const shells = new URL("./shells.ts", import.meta.url).pathname
	const port = new URL("../../../../../core/engine/node-host/shell-environment.ts", import.meta.url).pathname
	const script = `
		const { runIn } = await import(${JSON.stringify(shells)})
		const { findShell } = await import(${JSON.stringify(port)})
		const list = ["export A=1; cd /usr", 'echo "\${BASH_VERSION:+bash} $A $PWD"', "exit 7"]
		const { stdout, result } = await runIn(findShell(), list)
		console.log(JSON.stringify([findShell().path, stdout[1], result.failed.exit]))
	`
	const run = (hide: string) => {
		const node = `${hide}exec ${process.execPath} --input-type=module -e "$1"`
		const env = { PATH: "/nowhere" }
		const { stdout, stderr } = spawnSync("/usr/bin/unshare", ["-m", "/bin/sh", "-c", node, "sh", script], { env })
		return JSON.parse(stdout.toString() || JSON.stringify(stderr.toString()))
	}
	const hide =
		"for f in /bin/bash /usr/bin/bash /usr/local/bin/bash; do test -e $f && /bin/mount --bind /dev/null $f; done; "
	expect(run("")).toEqual(["/bin/bash", "bash 1 /usr\n", 7])
	expect(run(hide)).toEqual(["/bin/sh", " 1 /usr\n", 7])
})

test("output is told while the command runs", async () => {
	const times: number[] = []
	await runIn(sh, ["echo a; sleep 0.3; echo b"], { onOutput: () => times.push(performance.now()) })
	expect(times).toHaveLength(2)
	expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(200)
})

test("events come in order", async () => {
	const ran = await runIn(sh, ["echo a", "echo b >&2; false", "echo c"])
	expect(ran.order).toEqual(["start 0", "stdout 0", "finish 0", "start 1", "stderr 1", "finish 1"])
})

test("an empty list passes without a shell", async () => {
	expect((await runIn({ path: "/no/such/shell", args: [] }, [])).result).toEqual({ ok: true, commands: [] })
})

test("no shell: the first command is the one that failed, and nothing stays open", async () => {
	const before = readdirSync("/proc/self/fd").length
	for (const path of ["/no/such/shell", "/etc/passwd"]) {
		const ran = await runIn({ path, args: [] }, ["true", "true"])
		expect(ran.result).toMatchObject({ ok: false, failed: { index: 0, notStarted: expect.stringContaining(path) } })
		expect(ran.result.commands).toHaveLength(1)
	}
	await expect.poll(() => readdirSync("/proc/self/fd").length).toBeLessThanOrEqual(before)
})

test("what a killed runner left of its pipes goes with the recovery, what a living one has stays", async () => {
	const dead = spawnSync("true").pid
	const [forsaken, used] = [dead, process.pid].map((pid) => mkdtempSync(join("/dev/shm", `hotfix-shell-${pid}-`)))
	writeFileSync(join(forsaken ?? "", "0"), "")
	await createShellPort().endMarked("no-such-mark")
	const found = readdirSync("/dev/shm").map((name) => join("/dev/shm", name))
	expect(found).not.toContain(forsaken)
	expect(found).toContain(used)
	rmSync(used ?? "", { recursive: true })
})

test("a list leaves no descriptor, no folder and no child of ours behind", async () => {
	const look = () => [
		readdirSync("/proc/self/fd").length,
		readdirSync("/run").filter((n) => n.startsWith(`hotfix-shell-${process.pid}-`)),
	]
	await runIn(sh, ["true"])
	const before = look()
	for (let i = 0; i < 20; i++) await runIn(sh, ["echo a", "false"])
	await expect.poll(look).toEqual(before)
	const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ")
	const names = children.flatMap((pid) => (pid ? [readFileSync(`/proc/${pid}/comm`, "utf8").trim()] : []))
	expect(names.filter((name) => name === "sh" || name === "cat")).toEqual([])
})

test.each(["started", "output", "finished"] as const)(
	"what the callback %s throws comes out, after the shell ended",
	async (name) => {
		const folder = mkdtempSync(join(tmpdir(), "closure-"))
		const options = {
			timeoutSeconds: 5,
			mark: `throws-${name}`,
			[name]: () => {
				throw new Error("disk full")
			},
		}
		const host = { shell: createShellPort({ shell: sh }), clock }
		await expect(runCommands(host, ["echo a", `touch ${folder}/ran`], options)).rejects.toThrow("disk full")
		expect(readdirSync(folder)).toEqual([])
		rmSync(folder, { recursive: true })
	},
)

test("a faulty mark starts nothing", async () => {
	const host = { shell: createShellPort(), clock }
	const result = await runCommands(host, ["true"], { timeoutSeconds: 5, mark: "a b; reboot" })
	expect(result).toMatchObject({ ok: false, failed: { notStarted: expect.stringContaining("mark") } })
})

test.each([
	[{ exit: 1 }, "command failed with exit status 1"],
	[{ exit: 127 }, "command failed with exit status 127 (not found)"],
	[{ exit: 126 }, "command failed with exit status 126 (found but not executable)"],
	[{ exit: 137 }, "command failed with exit status 137 (ended by signal 9)"],
	[{ signal: "SIGKILL" }, "command ended the shell with SIGKILL"],
	[{ exit: 0, endedShell: true }, "command ended the shell before the rest of the list"],
	[{ signal: "SIGTERM", timedOut: true }, "command ran out of time after 2 s"],
	[
		{ signal: "SIGKILL", timedOut: true, survivors: 1 },
		"command ran out of time after 2 s, and 1 of its processes cannot be ended",
	],
	[{ signal: "SIGTERM", cancelled: true }, "command was cancelled"],
	[{ notStarted: "no memory" }, "cannot start the command: no memory"],
	[{ exit: 0 }, "command passed"],
])("%j is told as: %s", (how, sentence) => {
	expect(describeCommand({ index: 0, command: "c", durationMs: 2040, lastOutput: "", cutBytes: 0, ...how })).toBe(
		sentence,
	)
})
