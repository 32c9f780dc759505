import { access, open, readFile, rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { z } from "zod"
import { makeLayout } from "../../engine/layout.ts"
import { type StartResult, startResultSchema } from "../../protocol/runner-calls.ts"
import { type Failure, FailureError, failureSchema } from "../../schema/failure.ts"
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
/** As the host tells processes apart. */
const workerSchema = z.object({
	pid: z.number().int().positive(),
	startTime: z.string().optional(),
	bootId: z.string().optional(),
})
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
	/** Which process waits for the job, or has it and has not said yet how it began. */
	const worker = join(folder, `${run}.worker`)
	/** There once somebody was told that the job never began: then it never may. */
	const withdrawn = join(folder, `${run}.withdrawn`)

	async function takeJob(): Promise<Job | undefined> {
		const taken = `${request}.taken`
		try {
			await rename(request, taken)
		} catch (error) {
			if (isAbsent(error)) return undefined
			throw systemFailure(error, request)
		}
		const text = await readText(taken)
		await rm(taken, { force: true })
		return jobSchema.parse(JSON.parse(text ?? ""))
	}

	return {
		/** What the worker prints; empty as long as nothing is wrong. */
		output,
		/** Fails with `unknown-run` where the job was withdrawn. */
		async writeJob(job: Job) {
			await makeStateSubfolder(place, folder)
			await removeOld(folder, FORGOTTEN_MS)
			await writeWhole(request, JSON.stringify(job))
			// Looked for after the job, which is looked for after this was made: one of the two sees the other.
			if ((await isThere(withdrawn)) && (await takeJob())) throw new FailureError("unknown-run", { run })
		},
		/** See to it that the job does not begin, unless a worker has it already. */
		async withdraw() {
			await makeStateSubfolder(place, folder)
			await writeWhole(withdrawn, "")
			await rm(awaited, { force: true })
			await takeJob()
		},
		/** Says that this process is the worker; before it takes the job, so that whoever finds it taken finds this. */
		async enter() {
			const { pid, startTime, bootId } = place.host.self
			await makeStateSubfolder(place, folder)
			await writeWhole(worker, JSON.stringify({ pid, startTime, bootId }))
		},
		leave: () => rm(worker, { force: true }),
		/** Whether a worker lives that waits for the job, or has it and has not said yet how it began. */
		async hasWorker(): Promise<boolean> {
			const text = await readText(worker)
			if (text === undefined) return false
			const { pid, startTime, bootId } = workerSchema.parse(JSON.parse(text))
			return bootId === place.host.self.bootId && place.host.self.isAlive(pid, startTime)
		},
		/**
		 * The job, for the first one that asks: nothing can start it again. Undefined for every other one, which then has
		 * nothing to say either.
		 */
		takeJob,
		/** Whether a worker has the job. */
		isTaken: async () => !(await isThere(request)),
		/** Lets a worker wait for its job, until `remove`. */
		async expectJob() {
			await makeStateSubfolder(place, folder)
			await removeOld(folder, FORGOTTEN_MS)
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
