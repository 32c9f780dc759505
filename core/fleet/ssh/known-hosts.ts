import { constants } from "node:fs"
import { mkdir, open } from "node:fs/promises"
import { homedir } from "node:os"
import { dirname, join } from "node:path"
import { FailureError } from "../../schema/failure.ts"
import { keyTypeOf } from "./host-key.ts"
import {
	type HostKeyVerdict,
	type KnownHostLine,
	knownTypes,
	nameOf,
	parseKnownHosts,
	verdictOf,
} from "./known-hosts-file.ts"
import { readRegularText } from "./read-regular.ts"

/** Everything known about the host keys of appliances: the user's own files, which are only read, and this program's. */
export interface KnownHosts {
	/**
	 * Reads the files anew, so that what the user mends there counts at once. `userFiles`: in place of the user's own, as
	 * the configuration says for this host.
	 */
	read(
		host: string,
		port: number,
		userFiles?: readonly string[],
	): Promise<{ types: string[]; judge(key: Buffer): HostKeyVerdict }>
	/** Adds a key that a person trusted to this program's own file. */
	trust(host: string, port: number, key: Buffer): Promise<void>
}

/** The user's own files, as `ssh` itself would read them. */
function userFilesOf(home: string = homedir()): string[] {
	return [join(home, ".ssh", "known_hosts"), join(home, ".ssh", "known_hosts2")]
}

/** Thousands of appliances have a line each. */
const MAX_BYTES = 64 << 20

/** Those of the machine. */
const GLOBAL_FILES = ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"]

/**
 * `ownFile`: where trusted keys are added (made 0600 with its folder when missing). `files`: read besides it,
 * whatever the configuration says; the user's own and the machine's when absent. A file that exists and cannot be read is a failure: a revoked key could stand in it.
 */
export function createKnownHosts(options: { ownFile: string; files?: string[] }): KnownHosts {
	const filesFor = (userFiles: readonly string[] = userFilesOf()) => [
		...new Set([options.ownFile, ...(options.files ?? [...userFiles, ...GLOBAL_FILES])]),
	]
	let last: Promise<void> = Promise.resolve()
	return {
		async read(host, port, userFiles) {
			const lines = (await Promise.all(filesFor(userFiles).map(readLines))).flat()
			return { types: knownTypes(lines, host, port), judge: (key) => verdictOf(lines, host, port, key) }
		},
		trust(host, port, key) {
			const line = `${nameOf(host, port)} ${keyTypeOf(key)} ${key.toString("base64")}\n`
			const added = last.then(() => appendLine(options.ownFile, line))
			// One after the other; the next one does not care how this one ended, its own caller does.
			last = added.catch(() => undefined)
			return added
		},
	}
}

async function readLines(file: string): Promise<KnownHostLine[]> {
	try {
		return parseKnownHosts(await readRegularText(file, MAX_BYTES), file)
	} catch (error) {
		if (isMissing(error)) return []
		throw new FailureError("key-unreadable", { path: file, why: reasonOf(error) }, { cause: error })
	}
}

/**
 * One write at the end of the file: lines of other programs that add theirs at the same time stay whole. A line that a
 * power cut left without its end is closed first.
 */
async function appendLine(path: string, line: string): Promise<void> {
	try {
		await mkdir(dirname(path), { recursive: true, mode: 0o700 })
		const file = await open(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o600)
		try {
			await file.write((await endsOpen(file)) ? `\n${line}` : line)
			await file.sync()
		} finally {
			await file.close()
		}
	} catch (error) {
		throw new FailureError("key-unreadable", { path, why: reasonOf(error) }, { cause: error })
	}
}

async function endsOpen(file: Awaited<ReturnType<typeof open>>): Promise<boolean> {
	const { size } = await file.stat()
	if (size === 0) return false
	const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
	return buffer[0] !== 0x0a
}

function isMissing(error: unknown): boolean {
	return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")
}

function reasonOf(error: unknown): string {
	return error instanceof Error && "code" in error ? String(error.code) : String(error)
}
