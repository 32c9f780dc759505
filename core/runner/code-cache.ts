import { createHash } from "node:crypto"
import {
	closeSync,
	constants,
	fstatSync,
	lstatSync,
	mkdirSync,
	openSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	type Stats,
	writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { DEFAULT_STATE_FOLDER } from "../schema/state-folder.ts"

/**
 * What V8 made of this program, kept in the state folder: compiling takes a start longer than all it does. It is never
 * needed: whatever is wrong with it, the program is compiled anew, and nobody is told.
 */
export interface CodeCache {
	/** Undefined when there is none to trust. */
	read(): Buffer | undefined
	/** Keeps it for the next start, where this command writes to the state folder anyway. */
	write(make: () => Buffer): void
}

const writing = ["apply", "rehearse", "revert", "worker"]
/** Hexadecimal digits before the data: V8 trusts what it is given, and a damaged cache could end the process. */
const CHECK = 64
const LIMIT = 16 << 20

/** `program`: digest of what is compiled; with Node's version it is the cache's name. */
export function makeCodeCache(args: string[], program: string): CodeCache {
	const folder = join(stateFolderOf(args), "code-cache")
	const path = join(folder, `${program.slice(0, 32)}-${process.version}-${process.arch}`)
	const isOn = !args.some((arg) => arg === "--root" || arg.startsWith("--root="))
	return {
		read: () => (isOn ? attempt(() => readTrusted(folder, path)) : undefined),
		write: (make) => {
			if (isOn && writing.includes(args[0] ?? "")) attempt(() => write(folder, path, make()))
		},
	}
}

/** Read before the runner's own reader of options is there. A wrong guess finds no cache, or one that is as good. */
function stateFolderOf(args: string[]): string {
	const at = args.lastIndexOf("--state")
	const joined = args.findLast((arg) => arg.startsWith("--state="))
	const given = joined?.slice("--state=".length) ?? (at < 0 ? undefined : args[at + 1])
	return given ?? DEFAULT_STATE_FOLDER
}

/** The one place where errors are dropped: without a cache all is as right, only slower. */
function attempt<T>(step: () => T): T | undefined {
	try {
		return step()
	} catch {
		return undefined
	}
}

/** Code that is run: nobody else may have been able to put it there. */
function isOwn({ uid, mode }: Stats, forbidden: number): boolean {
	return uid === process.geteuid?.() && (mode & forbidden) === 0
}

function checkFolder(path: string): void {
	const stat = lstatSync(path)
	if (!stat.isDirectory() || !isOwn(stat, 0o077)) throw new Error(`cannot trust ${path}`)
}

function readTrusted(folder: string, path: string): Buffer | undefined {
	checkFolder(join(folder, ".."))
	checkFolder(folder)
	const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
	try {
		const stat = fstatSync(file)
		if (!stat.isFile() || !isOwn(stat, 0o077) || stat.size > LIMIT) return undefined
		const bytes = readFileSync(file)
		const data = bytes.subarray(CHECK)
		return bytes.toString("latin1", 0, CHECK) === digestOf(data) ? data : undefined
	} finally {
		closeSync(file)
	}
}

/** One at a time: those of other versions go. Not synced: what a power cut leaves of it has another digest. */
function write(folder: string, path: string, data: Buffer): void {
	checkFolder(join(folder, ".."))
	mkdirSync(folder, { recursive: true, mode: 0o700 })
	checkFolder(folder)
	for (const name of readdirSync(folder)) rmSync(join(folder, name), { force: true })
	const aside = `${path}.${process.pid}`
	try {
		writeFileSync(aside, Buffer.concat([Buffer.from(digestOf(data)), data]), { flag: "wx", mode: 0o600 })
		renameSync(aside, path)
	} catch (error) {
		rmSync(aside, { force: true })
		throw error
	}
}

function digestOf(data: Uint8Array): string {
	return createHash("sha256").update(data).digest("hex")
}
