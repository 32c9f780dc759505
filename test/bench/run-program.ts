import { type ChildProcess, spawn } from "node:child_process"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Sample } from "./bench.ts"

/** From the start of a program to its end. Fails when it does. */
export async function timeProgram(program: string, args: string[]): Promise<Sample> {
	const startedAt = performance.now()
	const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] })
	await endOf(child, program, args)
	return { milliseconds: performance.now() - startedAt }
}

/** The same of the runner, with the most memory it had at any time. */
export async function timeRunner(runner: string, args: string[]): Promise<Sample> {
	const startedAt = performance.now()
	const status = await runTelling("peak-memory.cjs", [runner, ...args])
	return { milliseconds: performance.now() - startedAt, peakMemoryMiB: peakOf(status) }
}

/** What the processor works for this Node with these arguments, from its start to its end. */
export async function workOfNode(args: string[]): Promise<Sample> {
	return { processorMs: Number(await runTelling("processor-time.cjs", args)) }
}

/** Runs our Node to its end; what `preload` has written down by then. */
async function runTelling(preload: string, args: string[]): Promise<string> {
	const scratch = await mkdtemp(join(tmpdir(), "hotfix-bench-status-"))
	const file = join(scratch, "status")
	try {
		const all = ["--require", join(import.meta.dirname, preload), ...args]
		const env = { ...process.env, HOTFIX_BENCH_STATUS: file }
		await endOf(spawn(process.execPath, all, { stdio: ["ignore", "pipe", "pipe"], env }), process.execPath, all)
		return await readFile(file, "utf8")
	} finally {
		await rm(scratch, { recursive: true, force: true })
	}
}

/** From the start of a program to the first line on its standard output. */
export async function timeFirstLine(program: string, args: string[]): Promise<Sample> {
	const startedAt = performance.now()
	const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] })
	let milliseconds: number | undefined
	child.stdout?.on("data", () => {
		milliseconds ??= performance.now() - startedAt
	})
	await endOf(child, program, args)
	if (milliseconds === undefined) throw new Error(`cannot time ${program}: it printed nothing`)
	return { milliseconds }
}

function endOf(child: ChildProcess, program: string, args: string[]): Promise<void> {
	let output = ""
	for (const stream of [child.stdout, child.stderr]) {
		stream?.on("data", (piece) => {
			output = `${output}${piece}`.slice(-2000)
		})
	}
	return new Promise((resolve, reject) => {
		child.on("error", reject)
		child.on("close", (exit) => {
			if (exit === 0) resolve()
			else reject(new Error(`cannot time ${program} ${args.join(" ")}: exit ${exit}:\n${output}`))
		})
	})
}

function peakOf(status: string): number {
	const kib = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]
	if (kib === undefined) throw new Error("cannot read the runner's peak memory")
	return Number(kib) / 1024
}
