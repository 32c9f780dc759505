import type { JsonPath } from "./json-text.ts"
import { normalTarget } from "./manifest.ts"
import { poolIdPattern } from "./module.ts"
import { quoted } from "./plain-text.ts"
import { MAX_LITERAL, MAX_REDACT, MIN_LITERAL, parseRedact } from "./redact.ts"
import { DEFAULT_STATE_FOLDER } from "./state-folder.ts"
import { isVersion } from "./version.ts"

export interface RuleOptions {
	/** The runner's state folder on the appliance: no module may write into it. */
	stateFolder?: string
}

/** A week. Timers overflow beyond 24 days, and a pool that takes longer than a week is no emergency fix. */
export const MAX_SECONDS = 7 * 24 * 3600

/** One rule for every value at a place; `*` stands for each item of a list. */
export interface ValueRule<T> {
	at: JsonPath
	rule: string
	isWrong(value: T, options: Required<RuleOptions>): boolean
	message(value: T): string
	remedy: string
}

const pool = ["pools", "*"] as const
const operation = [...pool, "operations", "*"] as const
const permissions = [...operation, "permissions"] as const

/** What a text must be, by place. Rules of one place do not overlap: one mistake, one finding. */
export const textRules: ValueRule<string>[] = [
	{
		at: ["metadata", "schema_version"],
		rule: "version-not-semantic",
		isWrong: (version) => !isVersion(version),
		message: (version) => `${quoted(version)} is no semantic version`,
		remedy: 'write three numbers, such as "1.1.0"',
	},
	{
		at: [...pool, "id"],
		rule: "pool-id-not-allowed",
		isWrong: (id) => !poolIdPattern.test(id),
		message: (id) => `${quoted(id)} cannot be a pool's id`,
		remedy: "use 1 to 64 letters, digits, dots, dashes and underscores, beginning with a letter or digit",
	},
	...commandRules([...pool, "closure", "*"]),
	...commandRules([...pool, "checks", "*"]),
	...commandRules(["finalClosure", "*"]),
	{
		at: [...operation, "target"],
		rule: "target-empty",
		isWrong: (target) => target === "",
		message: () => "the target is empty",
		remedy: 'name a file below src/, such as "src/auth.tsx"',
	},
	{
		at: [...operation, "target"],
		rule: "target-absolute",
		isWrong: (target) => /^([/\\]|[A-Za-z]:[/\\])/.test(target),
		message: (target) => `${quoted(target)} is an absolute path`,
		remedy: "name the file by its path below src/",
	},
	{
		at: [...operation, "target"],
		rule: "target-leaves-source",
		isWrong: (target) => target.split(/[/\\]/).includes(".."),
		message: (target) => `${quoted(target)} leaves src/`,
		remedy: 'name a file below src/, without ".."',
	},
	{
		at: [...operation, "target"],
		rule: "target-is-folder",
		isWrong: (target) => target !== "" && (/(^|\/)\.?$/.test(target) || normalTarget(target) === ""),
		message: (target) => `${quoted(target)} names a folder`,
		remedy: "name one file; a folder needs one operation for each of its files",
	},
	...pathTextRules([...operation, "target"], "target"),
	{
		at: [...operation, "destination"],
		rule: "destination-empty",
		isWrong: (destination) => destination === "",
		message: () => "the destination is empty",
		remedy: 'give the absolute path on the appliance, such as "/etc/app/config.py"',
	},
	{
		at: [...operation, "destination"],
		rule: "destination-not-absolute",
		isWrong: (destination) => destination !== "" && !destination.startsWith("/"),
		message: (destination) => `${quoted(destination)} is no absolute path`,
		remedy: 'begin it with "/"',
	},
	{
		at: [...operation, "destination"],
		rule: "destination-not-normal",
		isWrong: (destination) => destination !== "" && !isNormal(destination),
		message: (destination) => `${quoted(destination)} is no normal path`,
		remedy: 'write it without "//", "/./", "/../" and without "/" at its end',
	},
	{
		at: [...operation, "destination"],
		rule: "destination-reserved",
		isWrong: (destination, { stateFolder }) =>
			[stateFolder, DEFAULT_STATE_FOLDER, "/proc", "/sys", "/dev"].some((folder) => isAtOrBelow(destination, folder)),
		message: (destination) => `${quoted(destination)} lies where no module may write`,
		remedy: "choose a place outside /proc, /sys, /dev and the runner's own state folder",
	},
	...pathTextRules([...operation, "destination"], "destination"),
	{
		at: [...permissions, "mode"],
		rule: "mode-not-octal",
		isWrong: (mode) => !/^0?[0-7]{3,4}$/.test(mode),
		message: (mode) => `${quoted(mode)} is no octal mode`,
		remedy: 'write three or four digits from 0 to 7, such as "0644"',
	},
	...accountRules([...permissions, "owner"], "owner"),
	...accountRules([...permissions, "group"], "group"),
	...redactRules([...pool, "redact", "*"]),
]

export const numberRules: ValueRule<number>[] = ["timeoutSeconds", "confirmSeconds"].map((key) => ({
	at: [...pool, key],
	rule: "seconds-out-of-range",
	isWrong: (seconds) => !(seconds > 0 && seconds <= MAX_SECONDS),
	message: (seconds) => `${seconds} is no number of seconds that can be waited for`,
	remedy: `give a number above 0 and at most ${MAX_SECONDS} (7 days)`,
}))

/** Lists that must not be empty. An index without pools repairs nothing: almost certainly the wrong file was saved. */
export const listRules: ValueRule<number>[] = [
	{
		at: ["pools"],
		rule: "no-pools",
		isWrong: (length) => length === 0,
		message: () => "the module has no pool",
		remedy: "add a pool: without one there is nothing to repair",
	},
	{
		at: [...pool, "operations"],
		rule: "no-operations",
		isWrong: (length) => length === 0,
		message: () => "the pool has no operation",
		remedy: "add an operation with target and destination",
	},
	{
		at: [...pool, "closure"],
		rule: "no-closure",
		isWrong: (length) => length === 0,
		message: () => "the pool has no closure command",
		remedy: "add a command that fails when the fix does not work",
	},
	{
		at: [...pool, "redact"],
		rule: "redact-too-many",
		isWrong: (length) => length > MAX_REDACT,
		message: (length) => `${length} secrets are too many to look for in every output`,
		remedy: `name at most ${MAX_REDACT}`,
	},
]

/** `folder` itself or anything below it. */
function isAtOrBelow(path: string, folder: string): boolean {
	return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`)
}

function isNormal(path: string): boolean {
	const parts = path.split("/").slice(path.startsWith("/") ? 1 : 0)
	return parts.every((part) => part !== "" && part !== "." && part !== "..")
}

function commandRules(at: JsonPath): ValueRule<string>[] {
	return [
		{
			at,
			rule: "command-empty",
			isWrong: (command) => command.trim() === "",
			message: () => "the command is empty",
			remedy: "write a command or take the entry out",
		},
		...unencodableRules(at, "command"),
	]
}

function pathTextRules(at: JsonPath, what: string): ValueRule<string>[] {
	return [
		...unencodableRules(at, what),
		{
			at,
			rule: `${what}-too-long`,
			isWrong: (path) => path.length > 4095 || path.split("/").some((part) => part.length > 255),
			message: () => `the ${what} is too long for a file system`,
			remedy: "keep each name within 255 and the path within 4095 characters",
		},
	]
}

/** What no file name, command line or UTF-8 text can hold. */
function unencodableRules(at: JsonPath, what: string): ValueRule<string>[] {
	return [
		{
			at,
			rule: `${what}-with-nul`,
			isWrong: (text) => text.includes("\0"),
			message: () => `the ${what} holds a NUL character`,
			remedy: "take the \\u0000 out",
		},
		{
			at,
			rule: `${what}-not-unicode`,
			isWrong: (text) => /\p{Surrogate}/u.test(text),
			message: () => `the ${what} holds half a character (a lone surrogate)`,
			remedy: "write the character itself instead of its \\u escapes",
		},
	]
}

function accountRules(at: JsonPath, what: string): ValueRule<string>[] {
	return [
		{
			at,
			rule: `${what}-not-allowed`,
			isWrong: (name) => !/^[^\s:/\p{Cc}-][^\s:/\p{Cc}]*$/u.test(name),
			message: (name) => `${quoted(name)} cannot be the name of ${what === "owner" ? "an owner" : "a group"}`,
			remedy: 'give a name such as "www-data", or a number as text',
		},
	]
}

/** The messages never name the entry: it may be the secret. */
function redactRules(at: JsonPath): ValueRule<string>[] {
	return [
		{
			at,
			rule: "redact-empty",
			isWrong: (entry) => entry === "",
			message: () => "there is nothing to mask",
			remedy: 'name an environment variable, such as "$TOKEN", or the text itself, or take the entry out',
		},
		{
			at,
			rule: "redact-no-name",
			isWrong: (entry) => parseRedact(entry) === undefined,
			message: () => "this begins with a dollar sign and is no environment variable",
			remedy: 'write "$NAME" for a variable, "$$..." for a text that begins with a dollar sign',
		},
		{
			at,
			rule: "redact-too-short",
			isWrong: (entry) => {
				const found = parseRedact(entry)
				return entry !== "" && found?.kind === "literal" && found.text.trim().length < MIN_LITERAL
			},
			message: () => "this text is too short: it stands in everything",
			remedy: `give at least ${MIN_LITERAL} characters, or an environment variable by its name`,
		},
		{
			at,
			rule: "redact-too-long",
			isWrong: (entry) => entry.length > MAX_LITERAL,
			message: () => "this text is too long to look for",
			remedy: `keep it within ${MAX_LITERAL} characters, or name the environment variable that holds it`,
		},
		...unencodableRules(at, "secret"),
	]
}
