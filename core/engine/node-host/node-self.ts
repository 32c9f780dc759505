import { readFileSync } from "node:fs"
import { readFile } from "node:fs/promises"
import type { Self } from "../host.ts"
import { hasEnded, parseProcStat } from "./proc-stat.ts"

export function readSelf(): Self {
	return {
		pid: process.pid,
		startTime: readText("/proc/self/stat", (text) => parseProcStat(text).startTime),
		bootId: readText("/proc/sys/kernel/random/boot_id", (text) => text.trim()),
		uid: process.geteuid?.() ?? 0,
		gid: process.getegid?.() ?? 0,
		groups: process.getgroups?.() ?? [],
		variable: (name) => process.env[name],
		isAlive,
	}
}

async function isAlive(pid: number, startTime: string | undefined): Promise<boolean> {
	if (!hasProcess(pid)) return false
	const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined)
	if (text === undefined) return hasProcess(pid)
	const stat = parseProcStat(text)
	if (hasEnded(stat)) return false
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

function readText<T>(path: string, parse: (text: string) => T): T | undefined {
	try {
		return parse(readFileSync(path, "utf8"))
	} catch {
		// Not Linux, or /proc not mounted: the lock then goes by the pid alone.
		return undefined
	}
}
