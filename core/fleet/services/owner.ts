import { readFileSync } from "node:fs"

/** Names this program among those on the same data folder: process id, and where it is known when it was started. */
export function ownOwner(): string {
	return `${process.pid}:${startOf(process.pid)}`
}

/** Whether the program that wrote an owner still runs; a later process with the same id is another one. */
export function isOwnerAlive(owner: string | null): boolean {
	const [pid, start] = owner?.split(":") ?? []
	if (pid === undefined || !/^\d+$/.test(pid)) return false
	try {
		process.kill(Number(pid), 0)
	} catch (error) {
		// EPERM: it is there, and somebody else's.
		if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false
	}
	return start === "" || start === undefined || startOf(Number(pid)) === start
}

/** Field 22 of /proc/PID/stat (proc_pid_stat(5)), in clock ticks since boot; empty where there is no /proc. */
function startOf(pid: number): string {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
		return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? ""
	} catch {
		return "" // No /proc: the process id alone has to do.
	}
}
