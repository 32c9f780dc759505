import { readFileSync } from "node:fs"
import { readFile } from "node:fs/promises"
import type { Self } from "../host.ts"

export function readSelf(): Self {
	return {
		pid: process.pid,
		startTime: readText("/proc/self/stat", (text) => parseStat(text).startTime),
		bootId: readText("/proc/sys/kernel/random/boot_id", (text) => text.trim()),
		uid: process.geteuid?.() ?? 0,
		gid: process.getegid?.() ?? 0,
		variable: (name) => process.env[name],
		isAlive,
	}
}

async function isAlive(pid: number, startTime: string | undefined): Promise<boolean> {
	if (!hasProcess(pid)) return false
	const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined)
	if (text === undefined) return hasProcess(pid)
	const stat = parseStat(text)
	// A zombie holds its pid but will never do anything again.
	if (stat.state === "Z" || stat.state === "X") return false
	return startTime === undefined || stat.startTime === startTime
}

function hasProcess(pid: number): boolean {
	try {
		process.kill(pid, 0)
		return true
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === "EPERM"
	}
}

/** Fields after the program's name, which is in brackets and may itself hold brackets and blanks. */
function parseStat(text: string): { state: string | undefined; startTime: string | undefined } {
	const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
	return { state: fields[0], startTime: fields[19] }
}

function readText<T>(path: string, parse: (text: string) => T): T | undefined {
	try {
		return parse(readFileSync(path, "utf8"))
	} catch {
		// Not Linux, or /proc not mounted: the lock then goes by the pid alone.
		return undefined
	}
}
