import type { JsonPath } from "./json-text.ts"
import type { Module, Pool } from "./module.ts"
import { quoted } from "./plain-text.ts"
import { simpleCommands } from "./shell-words.ts"
import { touchesAccess } from "./touches-access.ts"

/** A doubt about a module that is right in form; it runs all the same. */
export interface Advice {
	path: JsonPath
	rule: string
	message: string
	remedy: string
}

/** Advice on closures and pools: only what is almost certainly not meant. Pure. */
export function lintModule(module: Module): Advice[] {
	return [
		...module.pools.flatMap((pool, index) => lintPool(pool, ["pools", index])),
		...lintList(module.finalClosure, ["finalClosure"]),
	]
}

function lintPool(pool: Pool, path: JsonPath): Advice[] {
	return [
		...lintList(pool.checks, [...path, "checks"]),
		...lintList(pool.closure, [...path, "closure"]),
		...lintProof(pool, path),
		...lintUnits(pool, path),
		...lintAccess(pool, path),
	]
}

/** Each command of a list by the table below, and the list as a whole. */
function lintList(lines: string[], path: JsonPath): Advice[] {
	const advice = lines.flatMap((line, index) => lintCommand(line, [...path, index]))
	const last = lines.at(-1)
	const commands = last === undefined ? [] : simpleCommands(last)
	if (commands.length === 0 || !commands.every(([program]) => program === "cd")) return advice
	return [...advice, { path: [...path, lines.length - 1], ...cdLast }]
}

function lintCommand(line: string, path: JsonPath): Advice[] {
	const commands = simpleCommands(line)
	const rows = commandAdvice.filter((row) => commands.some((words) => row.isDoubtful(words)))
	return rows.map(({ rule, message, remedy }) => ({ path, rule, message, remedy }))
}

/** A closure that cannot fail proves nothing (specification: success is determined by the closure). */
function lintProof(pool: Pool, path: JsonPath): Advice[] {
	if (!pool.closure.every(cannotFail)) return []
	const message = "no command of this closure can fail, so it proves nothing"
	return [
		{
			path: [...path, "closure"],
			rule: "closure-proves-nothing",
			message,
			remedy: "add a command that fails when the fix does not work",
		},
	]
}

function lintUnits(pool: Pool, path: JsonPath): Advice[] {
	const index = pool.operations.findIndex(({ destination }) => unitFile.test(destination))
	const reloads = pool.closure.some((line) => /daemon-(reload|reexec)|\breboot\b/.test(line))
	if (index < 0 || reloads) return []
	return [
		{
			path: [...path, "operations", index, "destination"],
			rule: "daemon-reload-missing",
			message: "systemd does not see a changed unit file by itself",
			remedy: 'add "systemctl daemon-reload" to the closure, before the restart',
		},
	]
}

function lintAccess(pool: Pool, path: JsonPath): Advice[] {
	const touch = pool.confirmSeconds === undefined ? touchesAccess(pool) : undefined
	if (!touch) return []
	return [
		{
			path: [...path, ...touch.path],
			rule: "confirm-seconds-missing",
			message: `${quoted(touch.what)} can lock you out of the appliance`,
			remedy: 'add "confirmSeconds": 60 to the pool: it is put back unless you can still reach the appliance',
		},
	]
}

const unitFile = /^\/(etc|usr\/lib|lib|run)\/systemd\/system\/.+\.(service|socket|timer|path|mount|target|slice|conf)$/

function cannotFail(line: string): boolean {
	if (/\|\|\s*(true|:)\s*$/.test(line)) return true
	const harmless = new Set(["true", ":", "echo", "printf", "sleep", "cd", "export", "umask"])
	return simpleCommands(line).every(([program = ""]) => harmless.has(program))
}

const cdLast = {
	rule: "cd-without-effect",
	message: "nothing follows this cd, so it has no effect",
	remedy: "put it before the commands that need the folder; each list begins in / again",
}

/** Rows for one simple command, given as its words. */
const commandAdvice: (Omit<Advice, "path"> & { isDoubtful(words: string[]): boolean })[] = [
	{
		rule: "npm-build",
		isDoubtful: (words) => words[0] === "npm" && npmCommand(words) === "build",
		message: '"npm build" is no npm command',
		remedy: 'write "npm run build"',
	},
	{
		rule: "apt-asks",
		isDoubtful: ([program = "", ...words]) =>
			/^(apt|apt-get|aptitude)$/.test(program) && words.some((word) => aptVerbs.has(word)) && !words.some(isAptYes),
		message: "apt asks before it goes on, and nobody can answer",
		remedy: 'add "-y"',
	},
	{
		rule: "command-waits-for-a-person",
		isDoubtful: isInteractive,
		message: "this waits for a person, and nobody can answer",
		remedy: "use a command that needs no terminal and no input",
	},
	{
		rule: "command-never-ends",
		isDoubtful: ([program = "", ...words]) =>
			program === "watch" ||
			(/^(tail|journalctl)$/.test(program) && words.some((word) => /^(-[a-z]*f[a-z]*|-F|--follow)$/.test(word))),
		message: "this goes on until its time is up, and then counts as failed",
		remedy: "take the following option out, or use a command that ends",
	},
	{
		rule: "restarts-the-appliance",
		isDoubtful: ([program = "", first = ""]) => {
			const verb = program === "systemctl" ? first : program
			return /^(reboot|poweroff|halt|kexec)$/.test(verb) || (program === "shutdown" && first !== "-c")
		},
		message: "the appliance goes down in the middle of the run, and recovery then puts the pool back",
		remedy: "take it out and restart the appliance after the run",
	},
]

const aptVerbs = new Set([
	"install",
	"upgrade",
	"remove",
	"purge",
	"autoremove",
	"dist-upgrade",
	"full-upgrade",
	"reinstall",
])

/** `-y`, also among others (`-qy`), its long forms, and what asks nothing anyway. */
function isAptYes(word: string): boolean {
	return /^(-[a-zA-Z]*y[a-zA-Z]*|-qq+.*|-s|-d?qq|--yes|--assume-yes|--assume-no|--simulate|--dry-run|--trivial-only)$/.test(
		word,
	)
}

/** First word after npm that is neither an option nor an option's value. */
function npmCommand(words: string[]): string | undefined {
	const withValue = new Set(["--prefix", "-C", "--workspace", "-w", "--loglevel"])
	return words.slice(1).find((word, index) => !word.startsWith("-") && !withValue.has(words[index] ?? ""))
}

function isInteractive([program = "", ...words]: string[]): boolean {
	if (/^(vi|vim|nano|emacs|pico)$/.test(program)) return true
	if (program === "crontab") return words.includes("-e")
	if (program === "systemctl") return words.includes("edit")
	if (program === "visudo") return !words.some((word) => word.includes("c"))
	return program === "passwd" && !words.some((word) => word.startsWith("-"))
}
