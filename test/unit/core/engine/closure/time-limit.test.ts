import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { afterAll, describe, expect, test } from "vitest"
import { createShellPort } from "../../../../../core/engine/node-host/shell.ts"
import { isInstalled, runIn, SHELLS } from "./shells.ts"

const folder = mkdtempSync(join(tmpdir(), "closure-"))
afterAll(() => rmSync(folder, { recursive: true }))

/** Programs whose environment holds a list's mark; those of a test are told by it. */
function findMarked(mark: string): number[] {
	return readdirSync("/proc")
		.filter((name) => /^\d+$/.test(name))
		.filter((pid) => {
			try {
				return readFileSync(`/proc/${pid}/environ`, "latin1").includes(`HOTFIX_CLOSURE=${mark}.`)
			} catch {
				return false
			}
		})
		.map(Number)
}

/** Writes a growing file; whoever runs it is seen to be alive by the file. Ends by itself, whatever fails here. */
const writer = (file: string) => `i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo x >>${file}; sleep 0.02; done`

async function isGrowing(file: string): Promise<boolean> {
	const before = existsSync(file) ? statSync(file).size : 0
	await wait(150)
	return existsSync(file) && statSync(file).size > before
}

describe.each(SHELLS)("$name", (shell) => {
	const row = test.skipIf(!isInstalled(shell))
	const newFile = () => join(mkdtempSync(join(folder, "row-")), "file")

	row.concurrent.each([
		["in the foreground", (f: string) => writer(f)],
		["in the background", (f: string) => `(${writer(f)}) & sleep 9`],
		["that ignores TERM", (f: string) => `sh -c 'trap "" TERM; ${writer(f)}' & sleep 9`],
		["in a session of its own", (f: string) => `setsid sh -c '${writer(f)}' & sleep 9`],
		["in a session of its own that ignores TERM", (f: string) => `setsid sh -c 'trap "" TERM; ${writer(f)}' & sleep 9`],
		["with nohup, its parent gone", (f: string) => `(setsid nohup sh -c '${writer(f)}' >/dev/null 2>&1 &); sleep 9`],
		["with an empty environment", (f: string) => `env -i setsid sh -c '${writer(f)}' & sleep 9`],
		[
			"that is started on TERM",
			(f: string) => `late() { setsid sh -c '${writer(f)}' & exit; }; trap late TERM; sleep 9 & wait`,
		],
	])("nothing of a timed-out command writes afterwards: a child %s", async (_, command) => {
		const file = newFile()
		const ran = await runIn(shell.program, [command(file)], { timeoutSeconds: 0.5 })
		expect(ran.result).toMatchObject({ ok: false, failed: { timedOut: true } })
		expect(await isGrowing(file)).toBe(false)
		expect(existsSync(file)).toBe(true)
		expect(findMarked(ran.mark)).toEqual([])
	})

	row.concurrent("TERM comes first, and what is said in the grace is still the command's", async () => {
		const command = "trap 'sleep 0.1; echo ending; exit 1' TERM; sleep 9 & wait"
		const ran = await runIn(shell.program, [command], { timeoutSeconds: 0.2, graceMilliseconds: 1000 })
		expect(ran.stdout[0]).toBe("ending\n")
		expect(ran.result).toMatchObject({ ok: false, failed: { timedOut: true, exit: 1, lastOutput: "ending\n" } })
	})

	row.concurrent("a daemon of an earlier command that left the group outlives a later command's time-out", async () => {
		const file = newFile()
		const ran = await runIn(shell.program, [`setsid sh -c '${writer(file)}' & sleep 0.1`, "sleep 9"], {
			timeoutSeconds: 0.3,
		})
		expect(ran.result).toMatchObject({ ok: false, failed: { index: 1, timedOut: true } })
		expect(await isGrowing(file)).toBe(true)
		expect(await createShellPort({ graceMilliseconds: 150 }).endMarked(ran.mark)).toBe(0)
		expect(await isGrowing(file)).toBe(false)
	})

	row.concurrent("cancel ends a command as its time limit does", async () => {
		const file = newFile()
		const controller = new AbortController()
		const ran = await runIn(shell.program, [`(${writer(file)}) & echo a; sleep 9`, "echo b"], {
			signal: controller.signal,
			onOutput: () => setTimeout(() => controller.abort(), 100),
		})
		expect(ran.result).toMatchObject({ ok: false, failed: { index: 0, cancelled: true, lastOutput: "a\n" } })
		expect(ran.result.commands[0]?.timedOut).toBeUndefined()
		expect(await isGrowing(file)).toBe(false)
		expect(findMarked(ran.mark)).toEqual([])
	})

	row.concurrent("cancel ends what earlier commands left behind, also where it ignores TERM", async () => {
		const files = [newFile(), newFile()]
		const controller = new AbortController()
		const daemons = files.map((file) => `setsid sh -c 'trap "" TERM; ${writer(file)}' & sleep 0.1`)
		const ran = await runIn(shell.program, [...daemons, "echo a; sleep 9"], {
			signal: controller.signal,
			onOutput: () => setTimeout(() => controller.abort(), 50),
		})
		expect(ran.result).toMatchObject({ ok: false, failed: { index: 2, cancelled: true } })
		expect([await isGrowing(files[0] ?? ""), await isGrowing(files[1] ?? "")]).toEqual([false, false])
		expect(findMarked(ran.mark)).toEqual([])
	})

	row.concurrent("cancel between two commands ends what the first one left behind", async () => {
		const file = newFile()
		const controller = new AbortController()
		const ran = await runIn(shell.program, [`setsid sh -c '${writer(file)}' & sleep 0.1`, "true"], {
			signal: controller.signal,
			onFinished: () => controller.abort(),
		})
		expect(ran.result).toMatchObject({ ok: false, failed: { index: 1, cancelled: true } })
		expect(findMarked(ran.mark)).toEqual([])
	})

	row.concurrent("cancelled before: nothing runs", async () => {
		const file = newFile()
		const ran = await runIn(shell.program, [`echo a >${file}`], { signal: AbortSignal.abort() })
		expect(ran.result).toMatchObject({ ok: false, failed: { index: 0, cancelled: true } })
		expect(existsSync(file)).toBe(false)
	})

	row.concurrent.each([
		["&", (f: string) => `(${writer(f)}) &`],
		["nohup", (f: string) => `nohup sh -c '${writer(f)}' &`],
		["setsid", (f: string) => `setsid sh -c '${writer(f)}' &`],
	])("a daemon left behind with %s lives on, and can still write to the outputs it holds", async (_, command) => {
		const file = newFile()
		const daemon = command(file).replace("sleep 0.02", "echo out; echo err >&2; sleep 0.02")
		const ran = await runIn(shell.program, [daemon, "true"], { timeoutSeconds: 1 })
		try {
			expect(ran.result.ok).toBe(true)
			await wait(100)
			expect(await isGrowing(file)).toBe(true)
		} finally {
			expect(await createShellPort({ graceMilliseconds: 150 }).endMarked(ran.mark)).toBe(0)
		}
		expect(await isGrowing(file)).toBe(false)
	})

	row.concurrent("a daemon that never stops writing to the outputs does not hold the list up", async () => {
		const started = performance.now()
		const ran = await runIn(shell.program, ["timeout 10 yes >&2 & sleep 0.1", "echo a", "echo b"], {
			timeoutSeconds: 5,
		})
		expect(ran.result.ok).toBe(true)
		// It would write for ten seconds.
		expect(performance.now() - started).toBeLessThan(9000)
		expect([ran.stdout[1], ran.stdout[2]]).toEqual(["a\n", "b\n"])
		expect(await createShellPort({ graceMilliseconds: 150 }).endMarked(ran.mark)).toBe(0)
	})

	row.concurrent("a plain failure ends nobody else", async () => {
		const file = newFile()
		const ran = await runIn(shell.program, [`(${writer(file)}) & sleep 0.1`, "false"])
		expect(ran.result).toMatchObject({ ok: false, failed: { index: 1, exit: 1 } })
		expect(await isGrowing(file)).toBe(true)
		await createShellPort({ graceMilliseconds: 150 }).endMarked(ran.mark)
	})
})

test("endMarked ends what a runner that died left running, and nobody else", async () => {
	const file = join(folder, "mine")
	const other = join(folder, "other")
	writeFileSync(file, "")
	const mine = await runIn({ path: "/bin/sh", args: ["-s"] }, [`(${writer(file)}) & :`])
	const others = await runIn({ path: "/bin/sh", args: ["-s"] }, [`(${writer(other)}) & :`])
	const port = createShellPort({ graceMilliseconds: 150 })
	expect(await port.endMarked(mine.mark)).toBe(0)
	expect([await isGrowing(file), await isGrowing(other)]).toEqual([false, true])
	expect(await port.endMarked(others.mark)).toBe(0)
	expect(await isGrowing(other)).toBe(false)
})
