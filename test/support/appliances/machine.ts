import { spawn } from "node:child_process"
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type CommandResult, collectOutput, poll } from "./command.ts"

const bootScript = join(import.meta.dirname, "boot-machine.sh")
const rebootStatus = 133
const environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8"]

class NoInit extends Error {}

/** The running system of one appliance. It comes back by itself when a reboot was asked for from inside. */
export class Machine {
	readonly consolePath: string
	#stopped: Promise<void> = Promise.resolve()
	#isOff = true
	readonly #cgroup: string
	readonly #name: string
	readonly #rootPath: string
	readonly #netns: string

	constructor(name: string, parts: { folder: string; cgroup: string; rootPath: string; netns: string }) {
		this.#name = name
		this.#cgroup = parts.cgroup
		this.#rootPath = parts.rootPath
		this.#netns = parts.netns
		this.consolePath = join(parts.folder, "console.log")
	}

	powerOn() {
		this.#isOff = false
		mkdirSync(join(this.#cgroup, "exec"), { recursive: true })
		const console = openSync(this.consolePath, "a")
		const args = [bootScript, this.#cgroup, this.#rootPath, this.#name, this.#netns]
		const child = spawn("sh", args, { detached: true, stdio: ["ignore", console, console] })
		this.#stopped = new Promise((resolve) => {
			child.once("close", (status) => {
				if (status === rebootStatus && !this.#isOff) this.powerOn()
				else this.#isOff = true
				resolve()
			})
		})
	}

	/** Ends every process at once. */
	async cutPower() {
		this.#isOff = true
		if (!existsSync(this.#cgroup)) return
		writeFileSync(join(this.#cgroup, "cgroup.kill"), "1")
		await this.#stopped
		await poll(`${this.#name} is off`, 10, () => (this.#isPopulated() ? undefined : true))
		removeGroups(this.#cgroup)
	}

	freeze(frozen: boolean) {
		writeFileSync(join(this.#cgroup, "cgroup.freeze"), frozen ? "1" : "0")
	}

	/** Waits until the system that `bootId` does not name is up; says how it came up. */
	waitBooted(seconds: number, oldBootId = ""): Promise<"running" | "degraded"> {
		return poll(`${this.#name} boots (console: ${this.consolePath})`, seconds, async () => {
			if (this.#isOff)
				throw new Error(`${this.#name} ended while booting:\n${readFileSync(this.consolePath, "utf8").slice(-2000)}`)
			const bootId = this.#readBootId()
			if (!bootId || bootId === oldBootId) return undefined
			const state = await this.#systemState(seconds)
			return state === "running" || state === "degraded" ? state : undefined
		})
	}

	/** Undefined where its init, seen a moment ago, is in no control group of its own yet: early in its boot it moves. */
	async #systemState(seconds: number): Promise<string | undefined> {
		try {
			return (await this.exec("systemctl is-system-running --wait", seconds)).stdout.trim()
		} catch (error) {
			if (error instanceof NoInit) return undefined
			throw error
		}
	}

	/** Runs a shell command inside as root, without the network. */
	async exec(command: string, timeoutSeconds: number, input = ""): Promise<CommandResult> {
		const init = this.#findInit()
		if (!init) throw new NoInit(`cannot run a command on ${this.#name}: it is off`)
		// nsenter must not fork: its child, stopped by a shutdown, would stop it too, be reaped by nobody and hold the shutdown up
		const inside = `env -i ${environment.join(" ")} sh -c 'sh -c "$0"; exit $?' "$2"`
		const enter = `echo $$ > "$0/cgroup.procs" && exec nsenter --no-fork -t "$1" -m -u -i -n -p -C -r -w ${inside}`
		const child = spawn("sh", ["-c", enter, join(this.#cgroup, "exec"), String(init), command], { detached: true })
		const timer = setTimeout(() => child.pid && process.kill(-child.pid, "SIGKILL"), timeoutSeconds * 1000)
		child.stdin.on("error", () => {})
		child.stdin.end(input)
		return collectOutput(child).finally(() => clearTimeout(timer))
	}

	/** The process id of the appliance's init as this machine sees it. */
	#findInit(): number | undefined {
		try {
			const pids = readFileSync(join(this.#cgroup, "payload/init.scope/cgroup.procs"), "utf8").trim().split("\n")
			return pids.filter(Boolean).map(Number).find(isInit)
		} catch {
			return undefined
		}
	}

	/** Seen from outside, so that a system on its way down is not asked. */
	#readBootId(): string | undefined {
		const init = this.#findInit()
		try {
			return readFileSync(`/proc/${init}/root/proc/sys/kernel/random/boot_id`, "utf8").trim()
		} catch {
			return undefined
		}
	}

	#isPopulated(): boolean {
		return readFileSync(join(this.#cgroup, "cgroup.events"), "utf8").includes("populated 1")
	}
}

const isInit = (pid: number) => /^NSpid:.*\s1$/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))

function removeGroups(folder: string) {
	for (const entry of readdirSync(folder, { withFileTypes: true }))
		if (entry.isDirectory()) removeGroups(join(folder, entry.name))
	rmdirSync(folder)
}
