import { readFile, rm, stat, utimes } from "node:fs/promises"
import { dirname, join } from "node:path"
import { makeLayout } from "../engine/layout.ts"
import { namesIn } from "./names-in.ts"
import { isAbsent, systemFailure } from "./system-failure.ts"

/** How many others stay besides what is in use, and how long: desktops of other versions may come back. */
const KEPT = { runners: 3, runtimes: 1, ms: 30 * 24 * 3600 * 1000 }
/** Uploads that ended hard, and whose bytes nobody will ask for, milliseconds. */
const HALF_MS = 24 * 3600 * 1000
const DIGEST = /[0-9a-f]{64}/

interface Options {
	/** What this runner was started by: its runtime and its script. */
	program: string[]
	now?: number
	/** Where processes and units are looked for. */
	proc?: string
	unitFolder?: string
}

/**
 * Removes runners and runtimes that nobody needs: never this one, one that a process works with or is about to, or one
 * that the unit for the next boot names. Of the others the newest few stay, and none that no run has used for 30 days.
 */
export async function prunePrograms(stateFolder: string, options: Options): Promise<void> {
	const { program, now = Date.now(), proc = "/proc", unitFolder = "/etc/systemd/system" } = options
	const { runners, runtimes } = makeLayout(stateFolder)
	await noteUse(program, [runners, runtimes], now)
	const mentions = await readMentions(proc, unitFolder)
	const isNeeded = (name: string) => {
		const digest = DIGEST.exec(name)?.[0] ?? name
		// Where it cannot be known what is in use, all of it may be.
		return !mentions || [...program, ...mentions].some((text) => text.includes(digest))
	}
	await pruneFolder(runners, KEPT.runners, now, isNeeded)
	await pruneFolder(runtimes, KEPT.runtimes, now, isNeeded)
}

/** A run is what counts as use; that of a runner from elsewhere is nobody's business here. */
async function noteUse(program: string[], folders: string[], now: number): Promise<void> {
	for (const path of program) {
		if (!folders.includes(dirname(path))) continue
		await utimes(path, now / 1000, now / 1000).catch((error) => {
			if (!isAbsent(error)) throw systemFailure(error, path)
		})
	}
}

async function pruneFolder(
	folder: string,
	kept: number,
	now: number,
	isNeeded: (name: string) => boolean,
): Promise<void> {
	const files = await readAges(folder, now)
	const half = files.filter(({ name, age }) => name.startsWith(".") && age > HALF_MS)
	const others = files
		.filter(({ name }) => !name.startsWith(".") && !isNeeded(name))
		.sort((a, b) => a.age - b.age)
		.filter(({ age }, index) => index >= kept || age > KEPT.ms)
	for (const { path } of [...half, ...others]) await rm(path, { force: true, recursive: true })
}

async function readAges(folder: string, now: number) {
	const files: { name: string; path: string; age: number }[] = []
	for (const name of await namesIn(folder)) {
		const path = join(folder, name)
		// Gone meanwhile: somebody else tidies up as well.
		const found = await stat(path).catch(() => undefined)
		if (found) files.push({ name, path, age: now - found.mtimeMs })
	}
	return files
}

/**
 * What names a program that is needed: the command lines of all processes (also that of the shell which has just verified
 * a runner and is about to start it) and the units for the next boot. Undefined where not all processes can be seen.
 */
async function readMentions(proc: string, unitFolder: string): Promise<string[] | undefined> {
	const processes = (await namesIn(proc)).filter((name) => /^\d+$/.test(name))
	if (processes.length === 0) return undefined
	const units = (await namesIn(unitFolder)).filter((name) => name.startsWith("hotfix-"))
	const lines = await readCommandLines(proc, processes)
	if (!lines) return undefined
	return Promise.all([...lines, ...units.map((name) => readUnit(join(unitFolder, name)))])
}

/** One after the other: a system with thousands of processes has fewer files to open at once. */
async function readCommandLines(proc: string, pids: string[]): Promise<string[] | undefined> {
	const lines: string[] = []
	for (const pid of pids) {
		const line = await readCommandLine(join(proc, pid, "cmdline"))
		if (line === undefined) return undefined
		lines.push(line)
	}
	return lines
}

/** Undefined where it cannot be known what a process works with. */
async function readCommandLine(path: string): Promise<string | undefined> {
	try {
		return await readFile(path, "latin1")
	} catch (error) {
		const code = (error as NodeJS.ErrnoException).code ?? ""
		return isAbsent(error) || ["ESRCH", "EACCES"].includes(code) ? NOT_OURS : undefined
	}
}

/** A process that has ended, or one of another user, who cannot get at what is ours. */
const NOT_OURS = ""

/** One that cannot be read might name anything: then nothing is removed. */
async function readUnit(path: string): Promise<string> {
	try {
		return await readFile(path, "latin1")
	} catch (error) {
		if (isAbsent(error)) return ""
		throw systemFailure(error, path)
	}
}
