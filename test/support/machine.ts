import { spawn } from "node:child_process"
import { once } from "node:events"
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { type AnyEvent, isKnownEvent } from "../../core/schema/event.ts"
import { type HistoryRun, historyRunSchema } from "../../core/schema/history.ts"
import type { PoolOutcome, Reason } from "../../core/schema/outcome.ts"
import { poll } from "./appliances/command.ts"
import { projectFolder } from "./appliances/paths.ts"
import { runKilled } from "./killed-process.ts"

/** A pool of a module that is written for one test; contents by destination, which is an absolute path. */
export interface MachinePool {
	id: string
	files: Record<string, string | Buffer>
	checks?: string[]
	closure?: string[]
}

export interface Called {
	exit: number | null
	stdout: string
	stderr: string
	/** Of the pools that ended. */
	outcomes: Record<string, PoolOutcome>
	reasons: Record<string, Reason | undefined>
}

/** This machine as an appliance, with the bundled runner and a state folder and log of its own. */
export interface Machine {
	folder: string
	at(name: string): string
	state: string
	write(name: string, content: string | Buffer): void
	read(name: string): string
	/** A module folder; each call makes a higher version. */
	module(pools: MachinePool[]): string
	run(...args: string[]): Promise<Called>
	/** Runs it until a file is there, then kills it; what it started lives on. */
	kill(until: string, ...args: string[]): Promise<void>
	/** Applies these pools as a new version. */
	apply(pools: MachinePool[]): Promise<Called>
	history(): Promise<HistoryRun[]>
	remove(): void
}

export function createMachine(stateFolder = "state"): Machine {
	const folder = mkdtempSync(join(tmpdir(), "hotfix-machine-"))
	const at = (name: string) => join(folder, name)
	const runner = at("hotfix-runner.cjs")
	// A copy: the bundle may be built anew meanwhile.
	copyFileSync(join(projectFolder, "dist/runner/hotfix-runner.cjs"), runner)
	const common = () => ["--state", machine.state, "--log", at("update.log")]
	let version = 0
	const machine: Machine = {
		folder,
		at,
		state: at(stateFolder),
		write(name, content) {
			mkdirSync(dirname(at(name)), { recursive: true })
			writeFileSync(at(name), content)
		},
		read: (name) => readFileSync(at(name), "utf8"),
		module: (pools) => writeModule(at(`modules/${++version}/sample`), version, pools),
		async run(...args) {
			const { exit, stdout, stderr } = await runKilled(process.execPath, [runner, ...args, ...common()])
			return { exit, stdout: stdout.join("\n"), stderr, ...readPools(stdout) }
		},
		async kill(until, ...args) {
			const child = spawn(process.execPath, [runner, ...args, ...common()], { stdio: "ignore" })
			const exited = once(child, "exit")
			try {
				await poll(`${until} is there`, 60, () => (existsSync(until) ? true : undefined))
			} finally {
				child.kill("SIGKILL")
				await exited
			}
		},
		apply: (pools) => machine.run("apply", "--module", machine.module(pools), "--events", "-"),
		async history() {
			const { stdout } = await machine.run("history", "--json")
			return stdout
				.split("\n")
				.filter(Boolean)
				.map((line) => historyRunSchema.parse(JSON.parse(line)))
		},
		remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 20 }),
	}
	return machine
}

function writeModule(folder: string, version: number, pools: MachinePool[]): string {
	mkdirSync(join(folder, "src"), { recursive: true })
	const described = pools.map(({ id, files, checks = [], closure = ["true"] }) => ({
		id,
		description: "",
		operations: Object.entries(files).map(([destination, content], index) => {
			const target = `${id}-${index}`
			writeFileSync(join(folder, "src", target), content)
			return { target, destination }
		}),
		checks,
		closure,
	}))
	const metadata = { schema_version: `1.0.${version}`, description: "" }
	writeFileSync(join(folder, "index.json"), JSON.stringify({ metadata, pools: described, finalClosure: [] }))
	return folder
}

function readPools(lines: string[]): Pick<Called, "outcomes" | "reasons"> {
	const events: AnyEvent[] = lines.filter((line) => line.startsWith('{"seq"')).map((line) => JSON.parse(line))
	const found: Pick<Called, "outcomes" | "reasons"> = { outcomes: {}, reasons: {} }
	for (const event of events) {
		if (!isKnownEvent(event) || event.type !== "pool-finished") continue
		found.outcomes[event.pool] = event.outcome
		found.reasons[event.pool] = event.reason
	}
	return found
}
