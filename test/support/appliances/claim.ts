import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { run } from "./command.ts"
import { withLock } from "./flock.ts"
import { claimFolder, workFolder } from "./paths.ts"
import { findCgroupRoot } from "./requirements.ts"

/** One lab's right to a number, from which its subnet and the names of all its parts follow. */
export type Claim = { number: number; folder: string; cgroup: string; release(): Promise<void> }

const reaper = join(import.meta.dirname, "reap-lab.sh")
const firstNumber = 64
const lastNumber = 191

/** Removes what dead labs left, then claims a free number. */
export async function claimLab(): Promise<Claim> {
	return withLock(join(claimFolder, "claims.lock"), async () => {
		for (const name of readdirSync(claimFolder)) if (/^\d+$/.test(name)) await reapIfDead(name)
		for (let number = firstNumber; number <= lastNumber; number++) {
			if (existsSync(join(claimFolder, String(number))) || isSubnetInUse(number)) continue
			return createClaim(number)
		}
		throw new Error(`cannot claim a lab: all subnets 10.${firstNumber}-${lastNumber}.0.0/16 are in use`)
	})
}

function createClaim(number: number): Claim {
	const claim = join(claimFolder, String(number))
	const folder = join(workFolder, `lab-${number}-${process.pid}`)
	const cgroup = join(findCgroupRoot() ?? "/sys/fs/cgroup", `hotfix-lab-${number}`)
	const owner = `${process.pid} ${readStartTime(process.pid)} ${Date.now()}`
	mkdirSync(claim)
	writeFileSync(join(claim, "folder"), folder)
	writeFileSync(join(claim, "cgroup"), cgroup)
	writeFileSync(join(claim, "owner"), owner)
	const guard = startGuard(claim, owner)
	const ended = new Promise<void>((resolve) => guard.once("exit", () => resolve()))
	mkdirSync(folder, { recursive: true, mode: 0o711 })
	const release = async () => {
		guard.ref()
		guard.stdin?.end()
		await ended
		if (existsSync(claim)) throw new Error(`cannot remove everything of lab ${number}: see ${claim}`)
	}
	return { number, folder, cgroup, release }
}

/** A process of its own session that waits for this one's end, however it comes, and then removes the lab. */
function startGuard(claim: string, owner: string): ChildProcess {
	const script = 'cat >/dev/null; exec sh "$@"'
	const guard = spawn("sh", ["-c", script, "guard", reaper, claim, owner], {
		detached: true,
		stdio: ["pipe", "ignore", "ignore"],
	})
	guard.unref()
	;(guard.stdin as unknown as { unref(): void }).unref()
	return guard
}

async function reapIfDead(name: string) {
	const claim = join(claimFolder, name)
	const owner = existsSync(join(claim, "owner")) ? readFileSync(join(claim, "owner"), "utf8") : ""
	const [pid, started] = owner.split(" ")
	if (!pid || readStartTime(Number(pid)) !== started) await run("sh", [reaper, claim, owner])
}

/** When a process started, in ticks since boot: tells it from a later one with the same pid. */
function readStartTime(pid: number): string | undefined {
	try {
		return readFileSync(`/proc/${pid}/stat`, "utf8")
			.replace(/^.*\) /s, "")
			.split(" ")[19]
	} catch {
		return undefined
	}
}

function isSubnetInUse(number: number): boolean {
	const ask = (kind: string) =>
		execFileSync("ip", ["-4", "route", "show", kind, `10.${number}.0.0/16`], { encoding: "utf8" })
	const routes = `${ask("root")}${ask("match")}`.split("\n")
	return routes.some((route) => route !== "" && !route.startsWith("default"))
}
