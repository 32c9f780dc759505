import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { isInstalled, runIn, SHELLS } from "./shells.ts"

const folder = mkdtempSync(join(tmpdir(), "closure-"))
afterAll(() => rmSync(folder, { recursive: true }))

/** How the list ended: `ok`, or the failed command as `INDEX:exit STATUS`, `INDEX:SIGNAL`, `INDEX:timed out`, with `ended the shell`. */
interface Row {
	title: string
	commands: string[]
	end: string
	stdout?: (string | RegExp)[]
	stderr?: (string | RegExp)[]
	/** Seconds. */
	limit?: number
	env?: Record<string, string>
	/** Content of the file `$F/file` afterwards. */
	file?: string
}

const big = "x".repeat(200 * 1024)

const ROWS: Row[] = [
	// what carries over
	{ title: "the shell stands in / with umask 022", commands: ["pwd; umask"], end: "ok", stdout: ["/\n0022\n"] },
	{ title: "cd carries over", commands: ["cd /usr", "cd bin", "pwd"], end: "ok", stdout: ["", "", "/usr/bin\n"] },
	{ title: "export carries over", commands: ["export A=1", 'sh -c "echo $A"'], end: "ok", stdout: ["", "1\n"] },
	{ title: "variables carry over", commands: ["a='b  c'", 'echo "$a"'], end: "ok", stdout: ["", "b  c\n"] },
	{ title: "umask carries over", commands: ["umask 077", "umask"], end: "ok", stdout: ["", "0077\n"] },
	{ title: "functions carry over", commands: ["f() { echo f $1; }", "f x"], end: "ok", stdout: ["", "f x\n"] },
	{ title: "set -f carries over", commands: ["cd /; set -f", "echo *"], end: "ok", stdout: ["", "*\n"] },
	{ title: "positional parameters carry over", commands: ["set -- a b", "echo $2"], end: "ok", stdout: ["", "b\n"] },
	{ title: "jobs of an earlier command can be waited for", commands: ["false & p=$!", "wait $p"], end: "1:exit 1" },
	{ title: "$? of the command before is 0", commands: ["true", "echo $?"], end: "ok", stdout: ["", "0\n"] },
	{ title: "env is given", commands: ["echo $GIVEN"], env: { GIVEN: "it's" }, end: "ok", stdout: ["it's\n"] },
	// how a command ends
	{ title: "nothing is no failure", commands: [" ", "# comment", "echo a # b"], end: "ok", stdout: ["", "", "a\n"] },
	{
		title: "the first failure ends the list",
		commands: ["echo a", "false", "echo b"],
		end: "1:exit 1",
		stdout: ["a\n", "", ""],
	},
	{ title: "exit status is the command's own", commands: ["sh -c 'exit 42'"], end: "0:exit 42" },
	{
		title: "a missing program",
		commands: ["no-such-program"],
		end: "0:exit 127",
		stderr: [/no-such-program.*not found/],
	},
	{
		title: "a program that may not run",
		commands: ["/etc/passwd"],
		end: "0:exit 126",
		stderr: [/[Pp]ermission denied/],
	},
	{ title: "a child ended by a signal", commands: ["sh -c 'kill -9 $$'"], end: "0:exit 137" },
	{ title: "exit N", commands: ["echo a; exit 3", "echo b"], end: "0:exit 3", stdout: ["a\n", ""] },
	{ title: "exit 0 as the last command", commands: ["true", "echo a; exit 0"], end: "ok", stdout: ["", "a\n"] },
	{
		title: "exit 0 before the last command is not taken for success",
		commands: ["exit 0", "false"],
		end: "0:exit 0 ended the shell",
	},
	{
		title: "exit of a subshell ends only that",
		commands: ["(exit 0); echo a", "echo b"],
		end: "ok",
		stdout: ["a\n", "b\n"],
	},
	{ title: "exec of a failing program", commands: ["exec sh -c 'echo a; exit 4'"], end: "0:exit 4", stdout: ["a\n"] },
	{ title: "exec of a passing program, last", commands: ["exec echo a"], end: "ok", stdout: ["a\n"] },
	{ title: "exec of a missing program", commands: ["exec no-such-program"], end: "0:exit 127", stderr: [/not found/] },
	{
		title: "a syntax error",
		commands: ["echo a", "if then", "echo b"],
		end: "1:exit 2",
		stderr: ["", /[Ss]yntax error/, ""],
	},
	{ title: "an open quote", commands: ["echo 'a", "echo b"], end: "0:exit 2", stderr: [/./, ""], stdout: ["", ""] },
	{ title: "an open brace", commands: ["{ echo a"], end: "0:exit 2", stderr: [/./], stdout: [""] },
	{ title: "a closing brace too many", commands: ["}; echo a"], end: "0:exit 2", stderr: [/./], stdout: [""] },
	{ title: "set -e", commands: ["set -e", "true", "false; echo a"], end: "2:exit 1", stdout: ["", "", ""] },
	{
		title: "set -u",
		commands: ["set -u", "echo $no_such_name; echo a"],
		end: /* 1, 2 or 127 by shell */ "1:exit *",
		stderr: ["", /no_such_name/],
		stdout: ["", ""],
	},
	{
		title: "set -x leaves the traces of commands only",
		commands: ["set -x", "echo a", "set +x"],
		end: "ok",
		stdout: ["", "a\n", ""],
		stderr: ["", /echo a\n$/, /set \+x\n$/],
	},
	{
		title: "set -v prints nothing of ours",
		commands: ["set -v", "echo a"],
		end: "ok",
		stdout: ["", "a\n"],
		stderr: ["", ""],
	},
	{ title: "set -n never ends", commands: ["set -n", "false"], limit: 0.3, end: "*:timed out" },
	{
		title: "return outside a function does not pass for success",
		commands: ["return 5"],
		end: /* bash says that it can only return from a function */ "0:exit *",
	},
	{ title: "break and continue outside a loop", commands: ["break; continue; echo a"], end: "ok", stdout: ["a\n"] },
	{
		title: "a trap on EXIT runs and changes nothing",
		commands: ["trap 'echo bye >>$F/file; exit 9' EXIT", "true"],
		end: "ok",
		file: "bye\n",
	},
	{
		title: "a trap on EXIT of a shell that fails",
		commands: ["trap 'echo bye' EXIT; exit 6"],
		end: "0:exit 6",
		stdout: ["bye\n"],
	},
	{
		title: "the shell killed",
		commands: ["echo a; kill -9 $$; echo b", "echo c"],
		end: "0:SIGKILL",
		stdout: ["a\n", ""],
	},
	{ title: "the shell's whole group terminated", commands: ["kill 0; sleep 5"], end: "0:SIGTERM" },
	{
		title: "an alias or a function in the way",
		commands: ["alias printf=false; alias eval=false; printf() { false; }", "echo a"],
		end: "ok",
		stdout: ["", "a\n"],
	},
	{ title: "PATH and IFS lost", commands: ["PATH=; IFS=01x", "echo a"], end: "ok", stdout: ["", "a\n"] },
	// text
	{ title: "quotes of all sorts", commands: [`echo 'a'"b"\\'c "it's" '"'`], end: "ok", stdout: [`ab'c it's "\n`] },
	{ title: "a backslash at the end", commands: ["echo a\\", "echo b"], end: "ok", stdout: [/^a\\?\n$/, "b\n"] },
	{
		title: "several lines",
		commands: ["echo a\necho b\n\nif true\nthen echo c; fi\n"],
		end: "ok",
		stdout: ["a\nb\nc\n"],
	},
	{
		title: "a here document",
		commands: ["cat <<'EOF'\n$a 'b'\n`c`\nEOF\necho d", "echo e"],
		end: "ok",
		stdout: ["$a 'b'\n`c`\nd\n", "e\n"],
	},
	{
		title: "a here document without its end",
		commands: ["cat <<EOF\na\n", "echo b"],
		end: "ok",
		stdout: [/^a\n+$/, "b\n"],
	},
	{ title: "a command that looks like an option", commands: ["-x"], end: "0:exit 127" },
	{ title: "no ASCII", commands: ["echo 'Grüße 🛠 \u0001\u007f'"], end: "ok", stdout: ["Grüße 🛠 \u0001\u007f\n"] },
	{ title: "carriage returns", commands: ["echo 'a\r\nb'"], end: "ok", stdout: ["a\r\nb\n"] },
	{ title: "200 KiB of text", commands: [`a='${big}'; echo \${#a}`], end: "ok", stdout: [`${big.length}\n`] },
	{
		title: "1 MiB of text",
		commands: [`a='${big.repeat(5)}${big}'; echo \${#a}`],
		end: "ok",
		stdout: [`${6 * big.length}\n`],
	},
	{
		title: "100,000 lines in one command",
		commands: [`i=0\n${"i=$((i+1))\n".repeat(100_000)}echo $i`, "echo $i"],
		end: "ok",
		stdout: ["100000\n", "100000\n"],
	},
	{ title: "NUL", commands: ["echo a\0b"], end: "0:not started" },
	// input, output, descriptors
	{
		title: "input is empty",
		commands: ["cat", "read x; echo $? [$x]", "head -c1 | wc -c"],
		end: "ok",
		stdout: ["", "1 []\n", /0\n/],
	},
	{
		title: "exec <file does not eat the list",
		commands: ["exec </etc/passwd; read x; echo \u0024{x%%:*}", "echo a"],
		end: "ok",
		stdout: ["root\n", "a\n"],
	},
	{
		title: "exec >file hides output and nothing else",
		commands: ["exec >$F/file; echo a", "true", "false"],
		end: "2:exit 1",
		stdout: ["", "", ""],
		file: "a\n",
	},
	{ title: "exec 2>&1", commands: ["exec 2>&1; echo a >&2"], end: "ok", stdout: ["a\n"], stderr: [""] },
	{ title: "outputs closed", commands: ["exec >&- 2>&-", "true", "sh -c 'exit 7'"], end: "2:exit 7" },
	{
		title: "all small descriptors taken or closed",
		commands: ["exec 3>$F/file 4>&3 5>&3 6>&3 7>&3 8>&3 9>&3; echo a >&7; exec 7>&- 8>&-", "false"],
		end: "1:exit 1",
		file: "a\n",
	},
	{
		title: "both outputs, each its own",
		commands: ["echo a; echo b >&2; echo c"],
		end: "ok",
		stdout: ["a\nc\n"],
		stderr: ["b\n"],
	},
	{
		title: "/dev/stdout and /dev/stderr can be opened",
		commands: ["echo a >/dev/stdout; echo b >/dev/stderr; echo c | tee /dev/stderr"],
		end: "ok",
		stdout: ["a\nc\n"],
		stderr: ["b\nc\n"],
	},
	{
		title: "children have no descriptor but their three",
		commands: ["sh -c 'for n in $(seq 0 99); do [ -e /proc/$$/fd/$n ] && echo $n; done; true'"],
		end: "ok",
		stdout: ["0\n1\n2\n"],
	},
	{ title: "output without a line end", commands: ["printf a", "printf b"], end: "ok", stdout: ["a", "b"] },
	{
		title: "output that is no UTF-8 is no failure",
		commands: ["printf 'a\\377\\376b\\n'"],
		end: "ok",
		stdout: ["a\ufffd\ufffdb\n"],
	},
	{
		title: "NUL bytes and colours stay",
		commands: ["printf 'a\\000\\033[31mb'"],
		end: "ok",
		stdout: ["a\0\u001b[31mb"],
	},
	{
		title: "a character in two writes",
		commands: ["printf '\\303'; sleep 0.05; printf '\\274'"],
		end: "ok",
		stdout: ["ü"],
	},
	{
		title: "output belongs to the command that wrote it",
		commands: Array.from({ length: 20 }, (_, i) => `echo o${i}; echo e${i} >&2`),
		end: "ok",
		stdout: Array.from({ length: 20 }, (_, i) => `o${i}\n`),
		stderr: Array.from({ length: 20 }, (_, i) => `e${i}\n`),
	},
	// left behind
	{
		title: "a daemon that holds the outputs",
		commands: ["sleep 3 &", "echo a"],
		end: "ok",
		limit: 1,
		stdout: ["", "a\n"],
	},
	{
		title: "a daemon in a session of its own",
		commands: ["setsid sleep 3 & echo a", "echo b"],
		end: "ok",
		limit: 1,
		stdout: ["a\n", "b\n"],
	},
	{ title: "nohup", commands: ["nohup sleep 3 &", "echo b"], end: "ok", limit: 1, stdout: ["", "b\n"] },
	{
		title: "a subshell left behind",
		commands: ["(sleep 3; sleep 3) & echo a", "echo b"],
		end: "ok",
		limit: 1,
		stdout: ["a\n", "b\n"],
	},
	// time
	{
		title: "time runs out",
		commands: ["echo a", "echo b; sleep 9; echo c", "echo d"],
		limit: 0.3,
		end: "1:timed out",
		stdout: ["a\n", "b\n", ""],
	},
	{ title: "each command has its own time", commands: ["sleep 0.3", "sleep 0.3", "sleep 0.3"], limit: 0.6, end: "ok" },
	{ title: "TERM is ignored", commands: ["trap '' TERM; sleep 9; sleep 9"], limit: 0.2, end: "0:timed out" },
	{
		title: "TERM is taken for an end with 0",
		commands: ["trap 'exit 0' TERM; sleep 9 & wait"],
		limit: 0.2,
		end: "0:timed out",
	},
	{ title: "the shell stopped", commands: ["kill -STOP $$"], limit: 0.2, end: "0:timed out" },
]

function describeEnd(ran: Awaited<ReturnType<typeof runIn>>): string {
	if (ran.result.ok) return "ok"
	const { index, exit, signal, timedOut, endedShell, notStarted } = ran.result.failed
	const how = timedOut ? "timed out" : notStarted ? "not started" : (signal ?? `exit ${exit}`)
	return `${index}:${how}${endedShell ? " ended the shell" : ""}`
}

const toPattern = (text: string) => new RegExp(`^${text.replaceAll("*", "[1-9]?[0-9]*").replace(/^\[1-9\]\?/, "")}$`)

describe.each(SHELLS)("$name", (shell) => {
	test.skipIf(!isInstalled(shell)).each(ROWS)("$title", async (row) => {
		const F = mkdtempSync(join(folder, "row-"))
		const ran = await runIn(shell.program, row.commands, { timeoutSeconds: row.limit, env: { ...row.env, F } })
		expect(describeEnd(ran)).toMatch(toPattern(row.end))
		for (const stream of ["stdout", "stderr"] as const)
			row[stream]?.forEach((wanted, index) => {
				if (wanted instanceof RegExp) expect(ran[stream][index]).toMatch(wanted)
				else expect(ran[stream][index]).toBe(wanted)
			})
		if (row.file !== undefined) expect(readFileSync(join(F, "file"), "utf8")).toBe(row.file)
	})
})
