import { access } from "node:fs/promises"
import { dirname, isAbsolute, join } from "node:path"
import { FailureError } from "../../../schema/failure.ts"
import { expandHome } from "../key-file.ts"
import { readRegularText } from "../read-regular.ts"
import { type ConfigLine, parseConfigLine, unreadable } from "./config-line.ts"
import { findFiles } from "./find-files.ts"
import type { Look } from "./kept-config.ts"

/** Bytes of one file, files in all, and files one inside the other: a configuration is somebody's, and may be hostile. */
const MAX_BYTES = 1024 * 1024
const MAX_FILES = 256
const MAX_DEPTH = 16

interface Reading {
	home: string
	files: number
	look: Look
}

/**
 * Reads a configuration with everything it includes: the named file, else the user's own, which need not exist; nor need
 * an included one. Whatever else cannot be read fails with `ssh-config-unreadable`.
 */
export async function readConfig(named: string | undefined, home: string, look: Look): Promise<ConfigLine[]> {
	const reading = { home, files: 0, look }
	if (named === undefined) return readFileAt(join(home, ".ssh", "config"), 0, reading)
	if (await isMissing(named)) throw unreadable({ path: named }, "it is not there")
	return readFileAt(named, 0, reading)
}

async function readFileAt(path: string, depth: number, reading: Reading): Promise<ConfigLine[]> {
	if (depth > MAX_DEPTH) throw unreadable({ path }, `Include goes deeper than ${MAX_DEPTH} files`)
	if (++reading.files > MAX_FILES) throw unreadable({ path }, `Include leads to more than ${MAX_FILES} files`)
	await reading.look(path)
	const text = await readText(path, reading.home)
	const lines: ConfigLine[] = []
	for (const [index, raw] of text.split("\n").entries()) {
		const line = parseConfigLine(raw, { path, line: index + 1 })
		if (!line) continue
		lines.push(line.keyword === "include" ? { ...line, included: await readIncluded(line, depth, reading) } : line)
	}
	return lines
}

async function readIncluded(line: ConfigLine, depth: number, reading: Reading): Promise<ConfigLine[][]> {
	const files: ConfigLine[][] = []
	for (const word of line.words) {
		const named = expandHome(word, reading.home)
		const pattern = isAbsolute(named) ? named : join(reading.home, ".ssh", named)
		for (const path of await findFiles(pattern, { limit: MAX_FILES, place: line, look: reading.look }))
			files.push(await readFileAt(path, depth + 1, reading))
	}
	return files
}

function isMissing(path: string): Promise<boolean> {
	return access(path).then(
		() => false,
		(error) => error.code === "ENOENT",
	)
}

async function readText(path: string, home: string): Promise<string> {
	try {
		return await readRegularText(path, MAX_BYTES, (stats) => {
			if (!stats.isFile()) throw unreadable({ path }, "it is no regular file")
			// As ssh judges the user's own: who may write there says whom we sign in to, and with which keys.
			if (dirname(path) !== join(home, ".ssh") || process.platform === "win32") return
			if (stats.uid !== 0 && stats.uid !== process.getuid?.())
				throw unreadable({ path }, "it belongs to another user, chown is needed")
			if (stats.mode & 0o022) throw unreadable({ path }, "others may write to it, chmod 600 is needed")
		})
	} catch (error) {
		if (error instanceof FailureError) throw error
		const { code, message } = error as NodeJS.ErrnoException
		if (code === undefined) throw unreadable({ path }, message, error)
		if (code === "ENOENT" || code === "ENOTDIR") return ""
		throw unreadable({ path }, code === "EACCES" ? "this account may not read it" : code.toLowerCase(), error)
	}
}
