import type { AnyEvent, EventBody, RunEvent } from "../../schema/event.ts"

import type { HistoryRun } from "../../schema/history.ts"
import { readSmallFile } from "../disk/content.ts"
import { openAt, openWith } from "../disk/open-with.ts"
import { folderOf } from "../disk/path.ts"
import type { Host, OpenFile } from "../host.ts"
import { parseEvents } from "./event-text.ts"
import { addEvent, historyOf } from "./history-of.ts"

export interface EventRecord {
	/** The run so far, as its history will show it. */
	readonly history: HistoryRun | undefined
	/** Whether the run's end is recorded. */
	readonly isFinished: boolean
	/** Pools whose end is recorded. */
	readonly finishedPools: ReadonlySet<string>
	/** Takes an event; it is numbered, recorded and told in the background, in order. Never throws. */
	emit(body: EventBody): void
	/** Records the last event without telling it: whoever hears of a run's end may rely on the next one being free to begin. */
	finish(body: EventBody): Promise<void>
	/** Tells what is recorded, and ends. Never throws. */
	close(): Promise<void>
}

/** Events for one write and sync. */
const BATCH = 500
const emptyLine = new TextEncoder().encode("\n")

/**
 * A run's numbered events. An event is told (to `onEvent` and to followers in other processes) only after it was synced,
 * so that a number that was told is never given to another event, not even after a power cut: an empty line after a
 * batch says that everything before it is safe. Many events share one sync.
 */
export async function openEventRecord(
	host: Host,
	path: string,
	run: string,
	onEvent?: (event: RunEvent) => void,
): Promise<EventRecord> {
	const before = parseEvents((await readSmallFile(host, path, Number.MAX_SAFE_INTEGER)) ?? new Uint8Array())
	const file = await openRecord(host, path, before.validBytes)
	return createRecord(host, file, run, before, onEvent)
}

async function openRecord(host: Host, path: string, validBytes: number): Promise<OpenFile> {
	const isThere = (await host.disk.lstat(path)) !== undefined
	const opening = isThere ? openAt(host, path, validBytes) : host.disk.open(path, "create", 0o600)
	return openWith(opening, async (file) => {
		// Also what is there: a runner that was killed may have left it in memory only, and nobody writes it again.
		if (isThere) await file.sync()
		await host.disk.syncFolder(folderOf(path))
	})
}

function createRecord(
	host: Host,
	file: OpenFile,
	run: string,
	before: { events: AnyEvent[]; validBytes: number },
	onEvent: ((event: RunEvent) => void) | undefined,
): EventRecord {
	let history = historyOf(before.events)
	let seq = before.events.length
	let size = before.validBytes
	let isFinished = before.events.at(-1)?.type === "run-finished"
	/** The run's end is on its way: nothing comes after it, and it is not told before `close`. */
	let holdsBack = isFinished
	const finishedPools = new Set(before.events.flatMap(finishedPool))
	const waiting: { body: EventBody; time: string }[] = []
	let untold: RunEvent[] = []
	let draining: Promise<void> | undefined

	/** Numbers, writes and syncs one batch; on failure everything stays as it was, to be tried again. */
	const record = async () => {
		const batch = waiting.slice(0, BATCH)
		const events = batch.map(({ body, time }, index) => ({ seq: seq + index + 1, time, run, ...body }) as RunEvent)
		const bytes = new TextEncoder().encode(events.map((event) => `${JSON.stringify(event)}\n`).join(""))
		await file.write(bytes, size)
		await file.sync()
		waiting.splice(0, batch.length)
		size += bytes.length
		seq += batch.length
		for (const event of events) {
			history = addEvent(history, event)
			for (const pool of finishedPool(event)) finishedPools.add(pool)
		}
		untold.push(...events)
	}
	const tell = async () => {
		if (untold.length === 0) return
		await file.write(emptyLine, size)
		size += emptyLine.length
		const events = untold
		untold = []
		for (const event of events) onEvent?.(event)
	}
	const drain = async () => {
		await undefined
		try {
			while (waiting.length > 0) {
				await record()
				if (!holdsBack) await tell()
			}
		} finally {
			// At once: whoever adds an event from now on must start anew.
			draining = undefined
		}
	}
	const startDrain = (): Promise<void> => {
		draining ??= drain()
		return draining
	}
	const take = (body: EventBody) => waiting.push({ body, time: new Date(host.clock.now()).toISOString() })

	return {
		get history() {
			return history
		},
		finishedPools,
		get isFinished() {
			return isFinished
		},
		emit: (body) => {
			if (holdsBack) return
			take(body)
			// A disk that is full for a while: the events wait, and go out with the next one.
			startDrain().catch(() => {})
		},
		finish: async (body) => {
			await startDrain()
			holdsBack = true
			take(body)
			await startDrain()
			isFinished = true
		},
		close: async () => {
			await startDrain().catch(() => {})
			await tell().catch(() => {})
			await file.close().catch(() => {})
		},
	}
}

function finishedPool(event: AnyEvent): string[] {
	return event.type === "pool-finished" && typeof event.pool === "string" ? [event.pool] : []
}
