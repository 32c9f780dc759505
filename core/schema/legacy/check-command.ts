import { readTokens } from "../shell-tokens.ts"
import { simpleCommands } from "../shell-words.ts"
import type { LegacyCheck } from "./legacy-index.ts"
import { plainWord } from "./plain-word.ts"

/**
 * A check as one command whose exit status tells: 0 when the legacy check would have passed. Each was a process of its
 * own, so nothing of it may change the shell that runs the rest of the list.
 */
export function makeCheckCommand({ command, expected, expected_exit_code: code }: LegacyCheck): string {
	if (expected !== undefined) return compareOutput(command, expected, code)
	if (code === undefined || code === 0) return isHarmless(command) ? command : inSubshell(command)
	return `${inSubshell(command)}; test $? -eq ${statusOf(code)}`
}

/** The output is printed before it is judged: it is what a person wants to see when the check fails. */
function compareOutput(command: string, expected: string, code: number | undefined): string {
	const trim = `output="\${output#"\${output%%[![:space:]]*}"}"; output="\${output%"\${output##*[![:space:]]}"}"`
	const run = `output=$(${opaque(command)})${code === undefined ? "" : "; status=$?"}`
	const judge = `printf '%s\\n' "$output"; test "$output" = ${plainWord(expected.trim())}`
	return `(${run}; ${trim}; ${judge}${code === undefined ? "" : ` && test $status -eq ${statusOf(code)}`})`
}

/** The legacy program saw the end by signal N as -N, a shell sees 128 + N. */
function statusOf(code: number): number {
	return code < 0 ? 128 - code : code
}

function inSubshell(command: string): string {
	return `(${opaque(command)})`
}

/**
 * The command as it can stand between parentheses. What a quick reading cannot follow to its end (open quotes,
 * here-documents, comments, parentheses that close ours) goes to a shell of its own, as one word; so does what asks for
 * its own shell, such as `kill $$`, which would hit ours.
 */
function opaque(command: string): string {
	const text = command.trim()
	const isClosed = !/[#()`\\\n]|\$[$!?]|PPID/.test(text) && readTokens(text) !== undefined
	return isClosed ? text : `sh -c ${plainWord(command)}`
}

/** Leaves the shell as it was: simple words only, and no builtin that changes it. */
function isHarmless(command: string): boolean {
	const [program = ""] = /^[\w./-]+(?=\s|$)/.exec(command) ?? []
	return (
		program !== "" && !changing.has(program) && /^[\w \-./:,=@%+'"{}]+$/.test(command) && opaque(command) === command
	)
}

const changing = new Set(
	"cd export umask exec exit set unset trap alias ulimit readonly return shift source . eval hash wait read getopts".split(
		" ",
	),
)

/** Whether a command is known to change the appliance, so that it cannot be a pool's check. A rough reading. */
export function isChanging(command: string): boolean {
	if (/>\s*(?!\s|&|\/dev\/null)/.test(command.replace(/'[^']*'|"[^"]*"/g, "x"))) return true
	return simpleCommands(command).some(([program = "", ...words]) => {
		const name = program.replace(/^.*\//, "")
		if (changers.has(name)) return true
		if (name === "systemctl" || name === "service") return words.some((word) => unitChanges.test(word))
		if (name === "sed") return words.some((word) => /^(-[a-z]*i|--in-place)/.test(word))
		return /^(apt|apt-get|dpkg|npm|pip|pip3)$/.test(name) && words.some((word) => packageChanges.test(word))
	})
}

const changers = new Set(
	"rm mv cp ln mkdir rmdir touch chmod chown chgrp tee dd kill pkill killall reboot truncate install".split(" "),
)
const unitChanges =
	/^(start|stop|restart|reload|reload-or-restart|try-restart|enable|disable|mask|unmask|daemon-reload|reset-failed)$/
const packageChanges =
	/^(install|remove|purge|upgrade|update|dist-upgrade|full-upgrade|autoremove|ci|run|uninstall|-i|-r|-P)$/
