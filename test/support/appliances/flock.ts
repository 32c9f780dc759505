import { spawn } from "node:child_process"
import { mkdirSync } from "node:fs"
import { dirname } from "node:path"

/** Runs an action while this process alone holds the lock file; the kernel frees it should this process die. */
export async function withLock<T>(path: string, action: () => Promise<T>): Promise<T> {
	mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
	const holder = spawn("flock", [path, "sh", "-c", "echo locked; cat >/dev/null"], {
		stdio: ["pipe", "pipe", "inherit"],
	})
	const ended = new Promise<void>((resolve) => holder.once("close", () => resolve()))
	await new Promise<void>((resolve, reject) => {
		holder.once("error", reject)
		holder.once("exit", (status) => reject(new Error(`cannot lock ${path}: flock ended with ${status}`)))
		holder.stdout.once("data", () => resolve())
	})
	try {
		return await action()
	} finally {
		holder.stdin.end()
		await ended
	}
}
