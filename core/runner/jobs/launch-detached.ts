import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { setTimeout as sleep } from "node:timers/promises"
import type { StartResult } from "../../protocol/runner-calls.ts"
import { FailureError } from "../../schema/failure.ts"
import { createOutputFile, type HandOver, makeHandOver } from "./hand-over.ts"
import type { Job } from "./job.ts"
import type { Launch } from "./launch.ts"
import { makeUnitCommand, unitName } from "./unit-command.ts"

/** Longest time a worker may take to say how the job began; a recovery that comes first may have a closure to run. */
const START_LIMIT_MS = 10 * 60_000
const LOOK_AGAIN_MS = 10
const ASK_SYSTEMD_MS = 1000

export interface DetachedOptions {
	/** Program and arguments that start this runner, without a command. */
	program: string[]
	/** The common options, as this process itself was given them. */
	common: string[]
	/** As a unit of systemd, which alone outlives a session whatever the appliance's settings are. */
	systemd: boolean
}

/** Starts jobs in a worker of their own, which goes on whatever becomes of this process and of the connection. */
export function createDetachedLaunch({ program, common, systemd }: DetachedOptions): Launch {
	return async (place, job) => {
		const handOver = makeHandOver(place, job.run)
		try {
			await handOver.writeJob(job)
			const worker = [...program, "worker", "--run", job.run, ...common]
			const unit = systemd ? await startUnit(handOver, job.run, worker) : undefined
			return await waitForWord(handOver, job, unit ?? (await startChild(handOver, worker)))
		} finally {
			await handOver.remove()
		}
	}
}

/** A worker as its starter sees it. */
interface Worker {
	/** How it ended; undefined as long as it runs. */
	ended(): Promise<Record<string, string | number> | undefined>
}

/** Undefined where systemd cannot run the worker, and a child has to do. */
async function startUnit(handOver: HandOver, run: string, worker: string[]): Promise<Worker | undefined> {
	if ((await exitOf(makeUnitCommand(run, worker, handOver.output, process.env))) !== 0) return undefined
	let askAgainAt = 0
	return {
		async ended() {
			if (Date.now() < askAgainAt) return undefined
			askAgainAt = Date.now() + ASK_SYSTEMD_MS
			return (await exitOf(["systemctl", "is-active", "--quiet", unitName(run)])) === 0 ? undefined : {}
		},
	}
}

/** Undefined when the program could not be started. */
function exitOf([program = "", ...args]: string[]): Promise<number | undefined> {
	const child = spawn(program, args, { stdio: "ignore", cwd: "/" })
	return new Promise((resolve) => {
		child.on("error", () => resolve(undefined))
		child.on("close", (exit) => resolve(exit ?? undefined))
	})
}

/** A child in a session of its own that holds nothing of ours: neither our terminal nor the pipes of the connection. */
async function startChild(handOver: HandOver, [program = "", ...args]: string[]): Promise<Worker> {
	const output = await createOutputFile(handOver.output)
	try {
		const child = spawn(program, args, { detached: true, stdio: ["ignore", output.fd, output.fd], cwd: "/" })
		await once(child, "spawn")
		child.unref()
		return { ended: async () => endOf(child) }
	} catch (error) {
		throw workerFailed("its worker cannot be started", { output: (error as Error).message })
	} finally {
		await output.close()
	}
}

function endOf({ exitCode, signalCode }: ChildProcess) {
	if (exitCode === null && signalCode === null) return undefined
	return { ...(exitCode !== null && { exit: exitCode }), ...(signalCode !== null && { signal: signalCode }) }
}

async function waitForWord(handOver: HandOver, { run }: Job, worker: Worker): Promise<StartResult> {
	for (const end = Date.now() + START_LIMIT_MS; Date.now() < end; await sleep(LOOK_AGAIN_MS)) {
		// Asked before looking, so that the last word of a worker that ended meanwhile is still read.
		const ended = await worker.ended()
		const word = await handOver.readWord()
		if (word && "result" in word) return word.result
		if (word) throw new FailureError(word.failure.code, word.failure.data)
		if (ended) throw workerFailed("its worker ended without a word", { ...ended, output: await handOver.readOutput() })
	}
	throw workerFailed(`the worker of run ${run} did not say that it began`)
}

function workerFailed(reason: string, facts: Record<string, string | number> = {}): FailureError {
	return new FailureError("runner-failed", { reason, ...facts })
}
