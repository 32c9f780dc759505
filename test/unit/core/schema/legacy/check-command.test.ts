import { spawnSync } from "node:child_process"
import { describe, expect, test } from "vitest"
import { isChanging, makeCheckCommand } from "../../../../../core/schema/legacy/check-command.ts"
import type { LegacyCheck } from "../../../../../core/schema/legacy/legacy-index.ts"

const shells = ["sh", "bash"]

/** Exit status of a check as it is written into a pool, read by a real shell; then what the shell says of itself. */
function runCheck(shell: string, check: LegacyCheck): { passes: boolean; after: string } {
	const line = `cd /; ${makeCheckCommand(check)}\necho "status=$? in $(pwd) output=$output" >&2`
	const { stderr } = spawnSync(shell, ["-c", line], { encoding: "utf8" })
	const [after = ""] = /status=\d+ in .*/.exec(stderr) ?? []
	return { passes: after.startsWith("status=0 "), after }
}

describe.each(shells)("a check read by %s", (shell) => {
	const rows: [name: string, check: LegacyCheck, passes: boolean][] = [
		["the output it should have", { command: "echo active", expected: "active" }, true],
		["another output", { command: "echo inactive", expected: "active" }, false],
		["more than that output", { command: "echo active now", expected: "active" }, false],
		["no output", { command: "true", expected: "active" }, false],
		["blanks around the output", { command: "printf '\\n \\t active \\n\\n'", expected: "active" }, true],
		["blanks around what is expected", { command: "echo active", expected: "  active\n" }, true],
		["blanks inside count", { command: "printf 'a  b'", expected: "a b" }, false],
		["several lines", { command: "printf 'a\\nb\\n'", expected: "a\nb" }, true],
		["an empty output", { command: "printf '  \\n'", expected: "" }, true],
		["an output like a pattern", { command: "echo 'a*'", expected: "a*" }, true],
		["a pattern matches nothing else", { command: "echo abc", expected: "a*" }, false],
		["quotes in what is expected", { command: 'echo "it\'s"', expected: "it's" }, true],
		["a shell's own words in what is expected", { command: "echo '$HOME'", expected: "$HOME" }, true],
		["the exit status does not matter then", { command: "echo active; false", expected: "active" }, true],
		["unless it is given too", { command: "echo active; exit 3", expected: "active", expected_exit_code: 3 }, true],
		["and is another", { command: "echo active; exit 4", expected: "active", expected_exit_code: 3 }, false],
		["errors are no output", { command: "echo oops >&2; echo active", expected: "active" }, true],
		["exit 0", { command: "true", expected_exit_code: 0 }, true],
		["not exit 0", { command: "false", expected_exit_code: 0 }, false],
		["exit 3", { command: "exit 3", expected_exit_code: 3 }, true],
		["not exit 3", { command: "exit 2", expected_exit_code: 3 }, false],
		["0 where 1 is expected", { command: "true", expected_exit_code: 1 }, false],
		["ended by a signal", { command: "kill -9 $$", expected_exit_code: -9 }, true],
		["nothing expected: exit 0", { command: "true" }, true],
		["nothing expected: not exit 0", { command: "false" }, false],
		["a comment does not swallow the comparison", { command: "echo active # now", expected: "active" }, true],
		["a parenthesis does not end it", { command: "true); exit 0; (true", expected: "active" }, false],
		["an open quote fails", { command: "echo 'active", expected: "active" }, false],
		["a subshell", { command: "(echo active)", expected: "active" }, true],
		["a command in a command", { command: "echo $(echo active)", expected: "active" }, true],
		["lines", { command: "echo a\necho b", expected: "a\nb" }, true],
		["a here-document", { command: "cat <<X\nactive\nX", expected: "active" }, true],
		["a backslash at the end", { command: "echo active\\", expected: "active\\" }, true],
		["a pipe", { command: "printf 'a\\nb\\n' | wc -l", expected: "2" }, true],
	]
	test.each(rows)("%s", (_, check, passes) => expect(runCheck(shell, check).passes).toBe(passes))

	test.each<LegacyCheck>([
		{ command: "cd /tmp", expected_exit_code: 0 },
		{ command: "cd /tmp", expected: "" },
		{ command: "cd /tmp && output=x; true", expected_exit_code: 0 },
		{ command: "cd /tmp; false", expected_exit_code: 1 },
		{ command: "cd /tmp" },
	])("leaves the shell as it was: %j", (check) => expect(runCheck(shell, check).after).toBe("status=0 in / output="))
})

test("a plain command stays as a person would write it", () => {
	const command = "curl -s -o /dev/null http://localhost:5000/health"
	expect(makeCheckCommand({ command, expected_exit_code: 0 })).toBe(command)
})

describe("a check only looks", () => {
	test.each([
		"systemctl is-active homeserver",
		"systemctl status homeserver",
		"curl -s -o /dev/null -w '%{http_code}' http://localhost/",
		"test -f /etc/x",
		"grep -q 'a > b' /etc/x",
		"ls /x 2>/dev/null",
		"ls /x 2>&1 | grep -c y",
		"sed -n 1p /etc/x",
		"dpkg -s nginx",
		"df --output=avail /",
	])("%s", (command) => expect(isChanging(command)).toBe(false))

	test.each([
		"systemctl restart homeserver",
		"sudo systemctl daemon-reload",
		"service nginx stop",
		"rm -f /etc/x",
		"/bin/rm /etc/x",
		"true && mv /a /b",
		"echo x > /etc/x",
		"echo x >>/etc/x",
		"sed -i s/a/b/ /etc/x",
		"apt-get -y install nginx",
	])("not this: %s", (command) => expect(isChanging(command)).toBe(true))
})
