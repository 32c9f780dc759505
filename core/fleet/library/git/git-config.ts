import { readFile } from "node:fs/promises"

/** `section.subsection.key` in lowercase (the subsection as it is written), the last value. */
export type GitConfig = Map<string, string>

/** A configuration file of git (git-config(1), "CONFIGURATION FILE"); includes are not followed. Missing: an empty one. */
export async function readGitConfig(path: string): Promise<GitConfig> {
	try {
		return parseGitConfig(await readFile(path, "utf8"))
	} catch (error) {
		if (error instanceof Error && "code" in error && ["ENOENT", "ENOTDIR", "EACCES"].includes(String(error.code)))
			return new Map()
		throw error
	}
}

/** Never throws: a line that makes no sense is passed over. */
export function parseGitConfig(text: string): GitConfig {
	const config: GitConfig = new Map()
	let section = ""
	for (const line of text.replaceAll(/\\\r?\n/g, "").split(/\r?\n/)) {
		const header = /^\s*\[\s*([\w.-]+)(?:\s+"((?:\\.|[^"\\])*)")?\s*\]/.exec(line)
		const rest = header ? line.slice(header[0].length) : line
		if (header) section = [header[1]?.toLowerCase(), header[2]?.replaceAll(/\\(.)/g, "$1")].filter(Boolean).join(".")
		const entry = /^\s*([A-Za-z][\w-]*)\s*(?:=\s*(.*))?$/.exec(rest)
		if (entry?.[1] && section) config.set(`${section}.${entry[1].toLowerCase()}`, readValue(entry[2] ?? "true"))
	}
	return config
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
