import { access, open, readFile, rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { z } from "zod"
import { makeLayout } from "../../engine/layout.ts"
import { type StartResult, startResultSchema } from "../../protocol/runner-calls.ts"
import { type Failure, failureSchema } from "../../schema/failure.ts"
import { namesIn } from "../names-in.ts"
import { removeOld } from "../remove-old.ts"
import { makeStateSubfolder } from "../state-folder.ts"
import { isAbsent, systemFailure } from "../system-failure.ts"
import { type Job, jobSchema, type Place } from "./job.ts"

/** Files whose asker died before it could remove them. */
const FORGOTTEN_MS = 24 * 3600 * 1000
/** Longest that a worker waits for its job: who started it may have died without a word. */
const AWAITED_MS = 60_000
const LOOK_AGAIN_MS = 10

/** What the worker says once: how the job began, or why it cannot. */
const wordSchema = z.union([z.object({ result: startResultSchema }), z.object({ failure: failureSchema })])
export type Word = { result: StartResult } | { failure: Failure }

/** The files through which `serve` hands a job to its worker, and the worker says how it began. */
export function makeHandOver(place: Place, run: string) {
	const { root, run: runLayout } = makeLayout(place.options.stateFolder)
	// Refuses what is no run id, before it becomes part of a path.
	runLayout(run)
	const folder = join(root, "requests")
	const request = join(folder, `${run}.json`)
	const word = join(folder, `${run}.started.json`)
	const output = join(folder, `${run}.output`)
	/** There as long as somebody may still write the job for a worker that waits. */
	const awaited = join(folder, `${run}.awaited`)
	const { pid, startTime = "", bootId = "" } = place.host.self
	/** What ends so is of this boot, whatever the clock says, and counts until the next one. */
	const ofThisBoot = `.${bootId}`
	/** What the job becomes, in one step, when this process takes it; there until it has said how it began. */
	const taken = join(folder, `${run}.taken.${pid}.${startTime}${ofThisBoot}`)
	/** There once somebody was told that the job never began: then it never may. */
	const withdrawn = join(folder, `${run}.withdrawn${ofThisBoot}`)

	async function makeRoom() {
		await makeStateSubfolder(place, folder)
		await removeOld(folder, FORGOTTEN_MS, Date.now(), (name) => !name.endsWith(ofThisBoot))
	}
	async function take(): Promise<boolean> {
		try {
			await rename(request, taken)
			return true
		} catch (error) {
			if (isAbsent(error)) return false
			throw systemFailure(error, request)
		}
	}
	/**
	 * The job, for the first one that asks: nothing can start it again. Undefined for every other one, which then has
	 * nothing to say either.
	 */
	async function takeJob(): Promise<Job | undefined> {
		return (await take()) ? jobSchema.parse(JSON.parse((await readText(taken)) ?? "")) : undefined
	}
	/** Nobody can take the job any more; who has it keeps it. */
	async function recall() {
		if (await take()) await rm(taken, { force: true })
	}

	return {
		/** What the worker prints; empty as long as nothing is wrong. */
		output,
		async writeJob(job: Job) {
			await makeRoom()
			await writeWhole(request, JSON.stringify(job))
		},
		/** Sees to it that the job does not begin, unless a worker has it already: one that takes it later sees this. */
		async withdraw() {
			await makeRoom()
			await writeWhole(withdrawn, "")
			await rm(awaited, { force: true })
			await recall()
		},
		/** To be asked by whoever took the job, afterwards: then it either sees this, or was seen by `withdraw`'s caller. */
		isWithdrawn: () => isThere(withdrawn),
		recall,
		takeJob,
		/** The worker has said how its job began, or does not begin it. */
		leave: () => rm(taken, { force: true }),
		/** Whether a process lives that has the job and has not said yet how it began. */
		async hasWorker(): Promise<boolean> {
			for (const name of await namesIn(folder)) {
				const worker = workerOf(name, run, ofThisBoot)
				if (worker && (await place.host.self.isAlive(worker.pid, worker.startTime))) return true
				// It was killed: nothing begins any more that only it had.
				if (worker) await rm(join(folder, name), { force: true })
			}
			return false
		},
		/** Whether a worker has the job. */
		isTaken: async () => !(await isThere(request)),
		/** Lets a worker wait for its job, until `remove`. */
		async expectJob() {
			await makeRoom()
			await writeWhole(awaited, "")
		},
		/** As `takeJob`, once the job is there. Undefined when nobody will write it any more, or nobody has for too long. */
		async awaitJob(signal: AbortSignal, limitMs = AWAITED_MS): Promise<Job | undefined> {
			for (
				const end = performance.now() + limitMs;
				performance.now() < end && !signal.aborted;
				await sleep(LOOK_AGAIN_MS)
			) {
				// Looked for before the job, which is written before this is removed.
				const isAwaited = await isThere(awaited)
				const job = await takeJob()
				if (job || !isAwaited) return job
			}
			return undefined
		},
		sayWord: (said: Word) => writeWhole(word, JSON.stringify(said)),
		/** Undefined as long as the worker has not said anything. */
		async readWord(): Promise<Word | undefined> {
			const text = await readText(word)
			return text === undefined ? undefined : wordSchema.parse(JSON.parse(text))
		},
		/** The last of what the worker printed. */
		readOutput: async () => ((await readText(output)) ?? "").slice(-2048),
		/** A worker that goes on keeps its output file open; it has no more to say in it. */
		async remove() {
			for (const path of [awaited, request, word, output]) await rm(path, { force: true })
		},
	}
}
export type HandOver = ReturnType<typeof makeHandOver>

/** The process whose `taken` this is the name of. */
function workerOf(name: string, run: string, ofThisBoot: string): { pid: number; startTime?: string } | undefined {
	const begin = `${run}.taken.`
	if (!name.startsWith(begin) || !name.endsWith(ofThisBoot)) return undefined
	const [, pid, startTime] = /^(\d+)\.(\d*)$/.exec(name.slice(begin.length, -ofThisBoot.length)) ?? []
	return pid === undefined ? undefined : { pid: Number(pid), ...(startTime && { startTime }) }
}

async function isThere(path: string): Promise<boolean> {
	try {
		await access(path)
		return true
	} catch (error) {
		if (isAbsent(error)) return false
		throw systemFailure(error, path)
	}
}

async function readText(path: string): Promise<string | undefined> {
	try {
		return await readFile(path, "utf8")
	} catch (error) {
		if (isAbsent(error)) return undefined
		throw systemFailure(error, path)
	}
}

/** No reader sees half of it. Not synced: after a power cut no run has begun that could need it. */
async function writeWhole(path: string, text: string) {
	const beside = `${path}.new`
	try {
		await writeFile(beside, text, { mode: 0o600 })
		await rename(beside, path)
	} catch (error) {
		throw systemFailure(error, path)
	}
}

/** An empty file for a child's standard output and error. */
export async function createOutputFile(path: string) {
	return open(path, "w", 0o600)
}
