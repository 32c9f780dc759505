import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { setTimeout as sleep } from "node:timers/promises"
import type { StartResult } from "../../protocol/runner-calls.ts"
import { FailureError } from "../../schema/failure.ts"
import { createOutputFile, type HandOver, makeHandOver, type Word } from "./hand-over.ts"
import { hasBegun, type Job, type Place } from "./job.ts"
import type { Launch } from "./launch.ts"
import { KNOWS_ALL, makeUnitCommand, unitName } from "./unit-command.ts"

/** Longest time a worker may take to say how the job began; a recovery that comes first may have a closure to run. */
const START_LIMIT_MS = 10 * 60_000
const LOOK_AGAIN_MS = 10
const ASK_SYSTEMD_MS = 1000
/** A systemd that is frozen answers nothing; its own tools give up after 25 s. */
const ASK_LIMIT_MS = 60_000

export interface DetachedOptions {
	/** Program and arguments that start this runner, without a command. */
	program: string[]
	/** The common options, as this process itself was given them. */
	common: string[]
	/** As a unit of systemd, which alone outlives a session whatever the appliance's settings are. */
	systemd: boolean
	/** Milliseconds that systemd may take to answer; `ASK_LIMIT_MS` when absent. */
	askLimitMs?: number
}

/** Starts jobs in a worker of their own, which goes on whatever becomes of this process and of the connection. */
export function createDetachedLaunch(options: DetachedOptions): DetachedLaunch {
	const { program, common, systemd, askLimitMs = ASK_LIMIT_MS } = options
	/** Workers that were started before their job was known. */
	const ahead = new Map<string, { handOver: HandOver; worker: Promise<Worker | undefined> }>()

	async function startWorker(handOver: HandOver, run: string, ...flags: string[]): Promise<Worker> {
		const command = [...program, "worker", "--run", run, ...flags, ...common]
		const unit = systemd ? await startUnit(handOver, run, command, askLimitMs) : undefined
		if (unit?.isStarted) return unit
		const child = await startChild(handOver, command)
		return unit ? eitherOf(child, unit) : child
	}
	async function launch(place: Place, job: Job) {
		const handOver = makeHandOver(place, job.run)
		try {
			await handOver.writeJob(job)
			const early = await ahead.get(job.run)?.worker
			const takes = early !== undefined && (await takesJob(handOver, early))
			const worker = takes ? early : await startWorker(handOver, job.run)
			const word = await waitForWord(handOver, job.run, () => endOf(worker, handOver, place, job.run))
			if ("result" in word) return word.result
			throw new FailureError(word.failure.code, word.failure.data)
		} finally {
			ahead.delete(job.run)
			await handOver.remove()
		}
	}
	return Object.assign(launch, {
		async prepare(place: Place, run: string) {
			if (ahead.size > 0) return
			const handOver = makeHandOver(place, run)
			const started = handOver.expectJob().then(() => startWorker(handOver, run, "--ahead"))
			// What is wrong is said when the job itself starts a worker.
			const worker = started.catch(() => undefined)
			ahead.set(run, { handOver, worker })
			await worker
		},
		async settle(place: Place, run: string): Promise<StartResult> {
			const handOver = makeHandOver(place, run)
			const isOver = async () => !(await handOver.hasWorker())
			if ((await isOver()) && (await hasBegun(place, run))) return { state: "started", run }
			await handOver.withdraw()
			const unknown = new FailureError("unknown-run", { run })
			try {
				const word = await waitForWord(handOver, run, async () => ((await isOver()) ? unknown : undefined))
				if ("result" in word) return word.result
				// The worker that took it just now has dropped it.
				if (word.failure.code === "unknown-run") throw unknown
				return { state: "refused", failure: word.failure }
			} catch (error) {
				if (error === unknown && (await hasBegun(place, run))) return { state: "started", run }
				throw error
			}
		},
		async dismiss() {
			for (const { handOver, worker } of ahead.values()) {
				await handOver.remove()
				await worker
			}
			ahead.clear()
		},
	})
}

export interface DetachedLaunch extends Launch {
	prepare(place: Place, run: string): Promise<void>
	/** No further job comes: workers that wait for one end. */
	dismiss(): Promise<void>
}

/** A worker as its starter sees it. */
interface Worker {
	/** How it ended; undefined as long as it runs. */
	ended(): Promise<Record<string, string | number> | undefined>
}

/**
 * The worker as a unit. Where systemd said that it could not, or said nothing in time, a child has to do; nobody knows then
 * whether the unit comes up after all, but only one of the two gets the job.
 */
async function startUnit(
	handOver: HandOver,
	run: string,
	worker: string[],
	limitMs: number,
): Promise<Worker & { isStarted: boolean }> {
	const start = async (version?: number) =>
		(await ask(makeUnitCommand(run, worker, handOver.output, process.env, version), limitMs)).exit === 0
	const isStarted = (await start()) || (await startOnOld(start, limitMs))
	let askAgainAt = Date.now() + ASK_SYSTEMD_MS
	return {
		isStarted,
		async ended() {
			if (Date.now() < askAgainAt) return undefined
			askAgainAt = Date.now() + ASK_SYSTEMD_MS
			const { exit } = await ask(["systemctl", "is-active", "--quiet", unitName(run)], limitMs)
			// Not active, or not known any more. Anything else is no answer: systemd is being started anew, say.
			return exit === 3 || exit === 4 ? {} : undefined
		},
	}
}

/** An older systemd may have refused what it does not know. */
async function startOnOld(start: (version: number) => Promise<boolean>, limitMs: number): Promise<boolean> {
	const { output } = await ask(["systemctl", "--version"], limitMs)
	const version = Number(/^systemd (\d+)/.exec(output)?.[1] ?? KNOWS_ALL)
	return version < KNOWS_ALL && start(version)
}

/** Ended when both are. */
function eitherOf(child: Worker, unit: Worker): Worker {
	return {
		async ended() {
			const end = await child.ended()
			return end && (await unit.ended()) ? end : undefined
		},
	}
}

/** Without an exit when the program could not be started, or did not end in time. */
function ask([program = "", ...args]: string[], limitMs: number): Promise<{ exit?: number; output: string }> {
	const child = spawn(program, args, {
		stdio: ["ignore", "pipe", "ignore"],
		cwd: "/",
		timeout: limitMs,
		killSignal: "SIGKILL",
	})
	let output = ""
	child.stdout.setEncoding("utf8").on("data", (text) => {
		output = (output + text).slice(0, 1000)
	})
	return new Promise((resolve) => {
		child.on("error", () => resolve({ output }))
		// Whatever it left behind may hold its output open.
		child.on("exit", () => setTimeout(() => child.stdout.destroy(), 200))
		child.on("close", (exit) => resolve(exit === null ? { output } : { exit, output }))
	})
}

/** A child in a session of its own that holds nothing of ours: neither our terminal nor the pipes of the connection. */
async function startChild(handOver: HandOver, [program = "", ...args]: string[]): Promise<Worker> {
	const output = await createOutputFile(handOver.output)
	try {
		const child = spawn(program, args, { detached: true, stdio: ["ignore", output.fd, output.fd], cwd: "/" })
		await once(child, "spawn")
		child.unref()
		return { ended: async () => exitOf(child) }
	} catch (error) {
		throw workerFailed("its worker cannot be started", { output: (error as Error).message })
	} finally {
		await output.close()
	}
}

function exitOf({ exitCode, signalCode }: ChildProcess) {
	if (exitCode === null && signalCode === null) return undefined
	return { ...(exitCode !== null && { exit: exitCode }), ...(signalCode !== null && { signal: signalCode }) }
}

/** Whether a worker that was started ahead takes the job; one that waited for too long has ended, or is about to. */
async function takesJob(handOver: HandOver, worker: Worker): Promise<boolean> {
	for (let ended = false; ; await sleep(LOOK_AGAIN_MS)) {
		// Looked at after its end as well, which comes after its last attempt.
		if (await handOver.isTaken()) return true
		if (ended) return false
		ended = (await worker.ended()) !== undefined
	}
}

/** `end`: asked again and again, why no word can come any more; undefined as long as one can. */
async function waitForWord(
	handOver: HandOver,
	run: string,
	end: () => Promise<FailureError | undefined>,
): Promise<Word> {
	// Not by the clock on the wall: an appliance without a battery sets it when it has found the network.
	for (const until = performance.now() + START_LIMIT_MS; performance.now() < until; await sleep(LOOK_AGAIN_MS)) {
		// Asked before looking, so that what a worker did last is still seen.
		const ended = await end()
		const word = await handOver.readWord()
		if (word) return word
		if (ended) throw ended
	}
	// It may begin yet: nobody shall be told that it has not.
	throw startTimedOut(run)
}

function startTimedOut(run: string): FailureError {
	return new FailureError("timed-out", { phase: `the start of run ${run}`, seconds: START_LIMIT_MS / 1000 })
}

/** Why a worker ended without a word, once no other one has the job or can take it. */
async function endOf(worker: Worker, handOver: HandOver, place: Place, run: string): Promise<FailureError | undefined> {
	const ended = await worker.ended()
	if (!ended) return undefined
	await handOver.recall()
	if (await handOver.hasWorker()) return undefined
	// Its journal is there, and nobody to follow it yet: whoever asks again is told, and recovers it.
	if (await hasBegun(place, run)) return startTimedOut(run)
	return workerFailed("its worker ended without a word", { ...ended, output: await handOver.readOutput() })
}

function workerFailed(reason: string, facts: Record<string, string | number> = {}): FailureError {
	return new FailureError("runner-failed", { reason, ...facts })
}
