import { execFileSync } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { KEPT_BYTES, LAST_BYTES, LIVE_BYTES } from "../../../../../core/engine/closure/command-output.ts"
import { Secrets } from "../../../../../core/engine/redact/secrets.ts"
import { isInstalled, runIn, SHELLS } from "./shells.ts"

const folder = mkdtempSync(join(tmpdir(), "secrets-"))
const token = "tok-5f2c-93ab"
writeFileSync(join(folder, "token"), token)
writeFileSync(join(folder, "lines"), "-----BEGIN-----\nline one\nline two\n-----END-----")
writeFileSync(join(folder, "binary"), Buffer.from([0x61, 0xff, 0xfe, 0x62, 0x27, 0x0a, 0x63]))
const get = `TOKEN=$(cat ${folder}/token); export TOKEN`
afterAll(() => rmSync(folder, { recursive: true }))

const secretsOf = (...entries: string[]) => new Secrets(entries, () => undefined)
const LEFT_OUT = "[output left out: the shell could not tell what to mask for $TOKEN]\n"

/** `stdout` and `stderr` of all commands as they are reported. */
interface Row {
	title: string
	commands: string[]
	stdout?: string[]
	stderr?: string[]
	redact?: string[]
	/** Seconds. */
	limit?: number
	ok?: boolean
}

const ROWS: Row[] = [
	{ title: "a literal", commands: [`echo a ${token} b`], stdout: ["a *** b\n"], redact: [token] },
	{
		title: "a literal in two writes",
		commands: ["printf tok-5f; sleep 0.1; printf '2c-93ab.'"],
		stdout: ["***."],
		redact: [token],
	},
	{ title: "printed in a later command", commands: [get, 'echo "[$TOKEN]"'], stdout: ["", "[***]\n"] },
	{ title: "printed by the command that sets it", commands: [`${get}; echo "$TOKEN" >&2`], stderr: ["***\n"] },
	{ title: "printed before it is set, in one command", commands: [`cat ${folder}/token; ${get}`], stdout: ["***"] },
	{ title: "not exported", commands: [`TOKEN=$(cat ${folder}/token)`, "echo $TOKEN"], stdout: ["", "***\n"] },
	{
		title: "set, printed and changed",
		commands: [get, "echo $TOKEN; TOKEN=second", "echo $TOKEN"],
		stdout: ["", "***\n", "***\n"],
	},
	{ title: "unset afterwards", commands: [get, "unset TOKEN", `cat ${folder}/token`], stdout: ["", "", "***"] },
	{ title: "never set, set -u", commands: ["set -u", "echo a"], stdout: ["", "a\n"] },
	{ title: "set -x", commands: [`set -x; ${get}`, ": $TOKEN"] },
	{ title: "set -v", commands: ["set -v", `${get}; echo $TOKEN`], stdout: ["", "***\n"], stderr: ["", ""] },
	{ title: "PATH and IFS lost", commands: [get, "PATH=; IFS=tok", 'echo "$TOKEN"'], stdout: ["", "", "***\n"] },
	{
		title: "several lines, also one by one",
		commands: [`TOKEN=$(cat ${folder}/lines)`, 'echo "$TOKEN"', "echo $TOKEN; sed -n 2p <<EOF\n$TOKEN\nEOF"],
		stdout: ["", "***\n", "*** *** *** ***\n***\n"],
	},
	{
		title: "bytes that are no UTF-8",
		commands: [`TOKEN=$(cat ${folder}/binary)`, 'printf "%s." "$TOKEN"'],
		stdout: ["", "***."],
	},
	{
		title: "outputs redirected and closed",
		commands: [`${get}; exec >&- 2>&-`, "echo $TOKEN", "sh -c 'exit 7'"],
		ok: false,
	},
	{
		title: "its folder gone",
		commands: ["mkdir -p /tmp/gone-$$; cd /tmp/gone-$$; rmdir /tmp/gone-$$", `${get}; echo $TOKEN`],
		stdout: ["", "***\n"],
	},
	{ title: "set -C", commands: ["set -C", `${get}; echo $TOKEN`], stdout: ["", "***\n"] },
	{ title: "a syntax error", commands: [get, "echo $TOKEN", "if then"], stdout: ["", "***\n", ""], ok: false },
	{
		title: "set -u",
		commands: ["set -u", `${get}; echo $TOKEN; echo $no_such_name`],
		stdout: ["", "***\n"],
		ok: false,
	},
	{ title: "a failing command", commands: [get, "echo $TOKEN; false"], stdout: ["", "***\n"], ok: false },
	{ title: "exit", commands: [`${get}; echo $TOKEN; exit 3`], stdout: ["***\n"], ok: false },
	{
		title: "exit in a function",
		commands: [`f() { ${get}; echo $TOKEN; exit 3; }`, "f"],
		stdout: ["", "***\n"],
		ok: false,
	},
	{ title: "exit 0 as the last command", commands: [`${get}; echo $TOKEN; exit 0`], stdout: ["***\n"] },
	{ title: "set -e", commands: ["set -e", `${get}; echo $TOKEN; false; echo b`], stdout: ["", "***\n"], ok: false },
	{ title: "exec", commands: [`${get}; echo a; exec echo $TOKEN`], stdout: [""], stderr: [LEFT_OUT] },
	{
		title: "a trap of its own",
		commands: [`${get}; trap 'echo $TOKEN' EXIT; exit 3`],
		stdout: [""],
		stderr: [LEFT_OUT],
		ok: false,
	},
	{
		title: "the shell killed",
		commands: [`${get}; echo $TOKEN; kill -9 $$`],
		stdout: [""],
		stderr: [LEFT_OUT],
		ok: false,
	},
	{ title: "the shell killed in silence", commands: [`${get}; kill -9 $$`], stdout: [""], stderr: [""], ok: false },
	{ title: "a subshell left behind", commands: [`(${get}; sleep 1) & ${get}`, "echo $TOKEN"], stdout: ["", "***\n"] },
	{
		title: "too long to look for",
		commands: ["TOKEN=$(head -c 400000 /dev/zero | tr '\\0' x)", 'echo "$TOKEN"'],
		stdout: ["", ""],
		stderr: ["", LEFT_OUT],
	},
	{
		title: "far too long",
		commands: ["TOKEN=$(head -c 3000000 /dev/zero | tr '\\0' x)", "echo $TOKEN", "TOKEN=; echo a"],
		stdout: ["", "", "a\n"],
		stderr: ["", LEFT_OUT, ""],
	},
]

describe.each(SHELLS)("$name", (shell) => {
	const row = test.skipIf(!isInstalled(shell))

	row.concurrent.each(ROWS)("$title", async ({ title, commands, stdout, stderr, redact = ["$TOKEN"], ok = true }) => {
		const ran = await runIn(shell.program, commands, { secrets: secretsOf(...redact), timeoutSeconds: 10 })
		expect(ran.result.ok).toBe(ok)
		const shown = (texts: string[]) => texts.map((text) => text.replace(/<cut \d+>/, ""))
		if (stdout) expect(shown(ran.stdout)).toEqual(stdout)
		if (title === "a syntax error") expect(ran.stderr[2]).toMatch(/[Ss]yntax error/)
		if (stderr) expect(shown(ran.stderr)).toEqual(stderr)
		// The command itself is the caller's to mask.
		const results = ran.result.commands.map((result) => ({ ...result, command: "" }))
		expect(JSON.stringify([ran.stdout, ran.stderr, results])).not.toContain(token)
	})

	row("out of time: what was printed is shown only where the shell still tells", async () => {
		const secrets = secretsOf("$TOKEN")
		const ran = await runIn(shell.program, [`${get}; echo $TOKEN; sleep 9`], { secrets, timeoutSeconds: 0.5 })
		expect(ran.result).toMatchObject({ ok: false, failed: { timedOut: true } })
		expect(["***\n", LEFT_OUT]).toContain(`${ran.stdout[0]}${ran.stderr[0]}`.replace(/<cut \d+>/g, ""))
	})

	row("a pool without names shows output at once, one with names when the command has ended", async () => {
		const times = async (secrets: Secrets) => {
			const seen: number[] = []
			const start = performance.now()
			await runIn(shell.program, ["echo a; sleep 0.4; echo b"], {
				secrets,
				onOutput: () => seen.push(performance.now() - start),
			})
			return seen
		}
		expect((await times(secretsOf("literal")))[0]).toBeLessThan(350)
		expect((await times(secretsOf("$TOKEN")))[0]).toBeGreaterThan(380)
	})

	row.each(["literal", "$TOKEN"])("a secret on every limit leaks no part of itself: %s", async (kind) => {
		const secret = "0123456789abcdef"
		const [set, redact] = kind === "literal" ? [":", secret] : [`TOKEN=${secret}`, kind]
		// One after the other without anything in between; each round has the limits at other places in them.
		for (const shift of [0, 3, 7, 12]) {
			const many = `yes ${secret} | tr -d '\\n' | head -c ${16 * 400_000}`
			const ran = await runIn(shell.program, [`${set}; printf %${shift}s ''; ${many}; printf %5s ''`], {
				secrets: secretsOf(redact),
			})
			const { lastOutput = "", cutBytes = 0 } = ran.result.commands[0] ?? {}
			expect(ran.stdout[0]?.replace(/<cut \d+>/, "").replaceAll(/[* ]/g, "")).toBe("")
			expect(lastOutput).toMatch(/^[* ]+$/)
			expect([lastOutput.length > LAST_BYTES, (ran.stdout[0]?.length ?? 0) > LIVE_BYTES + KEPT_BYTES + 20]).toEqual([
				false,
				false,
			])
			expect(cutBytes).toBeGreaterThan(0)
		}
	})

	row("nothing is left behind: no descriptor, no folder", async () => {
		const look = () => [
			readdirSync("/proc/self/fd").length,
			readdirSync("/run").filter((name) => name.startsWith(`hotfix-shell-${process.pid}-`)).length,
		]
		await runIn(shell.program, [get], { secrets: secretsOf("$TOKEN") })
		const before = look()
		for (let count = 0; count < 10; count++) await runIn(shell.program, [get], { secrets: secretsOf("$TOKEN") })
		await expect.poll(look).toEqual(before)
	})
})

test("256 MiB of output of a pool with names: bounded memory, and masked to the end", async () => {
	const before = process.memoryUsage().rss
	const program = { path: "/bin/sh", args: ["-s"] }
	const command = `${get}; echo $TOKEN; yes "x $TOKEN" | head -c 256M; echo; echo $TOKEN`
	const ran = await runIn(program, [command], { secrets: secretsOf("$TOKEN"), timeoutSeconds: 30 })
	expect(ran.result.ok).toBe(true)
	expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024)
	const told = ran.stdout[0] ?? ""
	expect([told.slice(0, 8), told.slice(-4)]).toEqual(["***\nx **", "***\n"])
	expect(told.length).toBeLessThanOrEqual(LIVE_BYTES + KEPT_BYTES + 20)
	expect(execFileSync("grep", ["-c", token], { input: `${told}\n${token}` }).toString()).toBe("1\n")
})
