import { readdir, readFile, rm } from "node:fs/promises"
import { connect } from "node:net"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

/** Removes what a program that crashed has left: appliances whose lifeline nobody holds any more. */
export async function removeStale(folder: string): Promise<void> {
	for (const name of await readdir(folder)) {
		if (!name.startsWith("appliances-")) continue
		const place = join(folder, name)
		const port = Number(await readFile(join(place, "lifeline"), "utf8").catch(() => "0"))
		if (await answers(port)) continue
		await endProgramsOf(place)
		await rm(place, { recursive: true, force: true, maxRetries: 3 })
	}
}

/**
 * Ends every process of this user that carries a folder below `place` as its `HOTFIX_ROOT`: runs that have not ended and
 * what their closures started. Only Linux tells; elsewhere runs end by themselves at their next step.
 */
export async function endProgramsOf(place: string): Promise<void> {
	for (let rounds = 0; rounds < 20; rounds++) {
		const pids = await findPrograms(place)
		if (pids.length === 0) return
		for (const pid of pids) end(pid)
		await sleep(50)
	}
}

async function findPrograms(place: string): Promise<number[]> {
	const names = await readdir("/proc").catch(() => [])
	const pids = names.map(Number).filter((pid) => pid > 1 && pid !== process.pid)
	const belongs = async (pid: number) => {
		// Processes of others, and those that have just ended, cannot be read.
		const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "")
		return environment.split("\0").some((line) => line.startsWith(`HOTFIX_ROOT=${place}/`))
	}
	const found = await Promise.all(pids.map(async (pid) => ((await belongs(pid)) ? [pid] : [])))
	return found.flat()
}

function end(pid: number): void {
	try {
		process.kill(pid, "SIGKILL")
	} catch {
		// It has ended by itself.
	}
}

function answers(port: number): Promise<boolean> {
	if (!Number.isInteger(port) || port <= 0 || port > 65535) return Promise.resolve(false)
	return new Promise((resolve) => {
		const socket = connect(port, "127.0.0.1")
		const settle = (isThere: boolean) => {
			socket.destroy()
			resolve(isThere)
		}
		socket.setTimeout(2000, () => settle(true))
		socket.on("connect", () => settle(true)).on("error", () => settle(false))
	})
}
