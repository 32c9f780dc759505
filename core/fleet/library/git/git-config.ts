import { readFile } from "node:fs/promises"
import { homedir } from "node:os"
import { isAbsolute, join } from "node:path"

/** `section.subsection.key` in lowercase (the subsection as it is written) and a value, each time that one is given. */
export type GitSetting = [key: string, value: string]
/** The last value of each. */
export type GitConfig = Map<string, string>

/** A configuration file of git (git-config(1), "CONFIGURATION FILE"); includes are not followed. Missing: an empty one. */
export async function readGitConfig(path: string): Promise<GitConfig> {
	return new Map(await readGitSettings(path))
}

/** As `readGitConfig`, for keys that may have several values. */
export async function readGitSettings(path: string): Promise<GitSetting[]> {
	try {
		return parseGitSettings(await readFile(path, "utf8"))
	} catch (error) {
		if (error instanceof Error && "code" in error && ["ENOENT", "ENOTDIR", "EACCES"].includes(String(error.code)))
			return []
		throw error
	}
}

/** A person's own files, in the order in which git reads them: what is said later counts. */
export function personalConfigFiles(env: NodeJS.ProcessEnv): string[] {
	const home = homeOf(env)
	const files = [join(env.XDG_CONFIG_HOME || join(home, ".config"), "git", "config"), join(home, ".gitconfig")]
	// Trap: a relative one would be looked for in the folder that the program was started in, which may be a stranger's.
	return files.filter(isAbsolute)
}

export function homeOf(env: NodeJS.ProcessEnv): string {
	return env.HOME ?? homedir()
}

/** Never throws: a line that makes no sense is passed over. */
export function parseGitSettings(text: string): GitSetting[] {
	const settings: GitSetting[] = []
	let section = ""
	for (const line of text.replaceAll(/\\\r?\n/g, "").split(/\r?\n/)) {
		const header = /^\s*\[\s*([\w.-]+)(?:\s+"((?:\\.|[^"\\])*)")?\s*\]/.exec(line)
		const rest = header ? line.slice(header[0].length) : line
		if (header) section = [header[1]?.toLowerCase(), header[2]?.replaceAll(/\\(.)/g, "$1")].filter(Boolean).join(".")
		const entry = /^\s*([A-Za-z][\w-]*)\s*(?:=\s*(.*))?$/.exec(rest)
		if (entry?.[1] && section) settings.push([`${section}.${entry[1].toLowerCase()}`, readValue(entry[2] ?? "true")])
	}
	return settings
}

/** Quotes may stand anywhere in a value; a comment begins outside of them. */
function readValue(text: string): string {
	let value = ""
	let isQuoted = false
	for (const { 0: part } of text.matchAll(/\\.|[^\\]/gs)) {
		if (part === '"') isQuoted = !isQuoted
		else if (!isQuoted && (part === "#" || part === ";")) break
		else value += part.length === 2 ? ({ "\\n": "\n", "\\t": "\t", "\\b": "\b" }[part] ?? part.charAt(1)) : part
	}
	return value.trim()
}
