import { readlinkSync } from "node:fs"

const own = `/proc/${process.pid}/fd`
const hasOwn = readsOwn()

/** A path for an open file; by our pid, so that a tool that we start can use it too. `path` where there is no `/proc`. */
export function heldPath(descriptor: number, path: string): string {
	return hasOwn ? `${own}/${descriptor}` : path
}

/** Whether a path begins with one that `heldPath` gave. */
export function isHeldPath(path: string): boolean {
	return hasOwn && path.startsWith(`${own}/`)
}

/** Whether it names an open file or folder, and nothing in it. */
export function isHeldItself(path: string): boolean {
	return isHeldPath(path) && !path.slice(own.length + 1).includes("/")
}

/** Not so in a process namespace that sees another one's `/proc`. */
function readsOwn(): boolean {
	try {
		return readlinkSync("/proc/self") === String(process.pid)
	} catch {
		// Not Linux, or not mounted.
		return false
	}
}
