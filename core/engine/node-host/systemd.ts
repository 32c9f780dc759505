import { existsSync } from "node:fs"

export function isRoot(): boolean {
	return process.geteuid?.() === 0
}

/** Whether runs can be units of systemd: it runs this machine, and we may ask it. */
export function hasSystemd(): boolean {
	return isRoot() && existsSync("/run/systemd/system")
}
