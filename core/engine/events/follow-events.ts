import type { AnyEvent } from "../../schema/event.ts"
import { FailureError } from "../../schema/failure.ts"
import { withFile } from "../disk/content.ts"
import { codeOf } from "../disk/disk-error.ts"
import type { EngineOptions } from "../engine.ts"
import type { Host } from "../host.ts"
import { makeLayout } from "../layout.ts"
import { readHolder } from "../lock/lock.ts"
import { parseEventLine } from "./event-text.ts"

/** How often the record is looked at for more, in milliseconds. */
const EVERY = 30
const PIECE = 64 << 10

/**
 * A run's events with `seq > after`: the record first, then live, without gap or double, until `run-finished` or until
 * the signal is aborted. Works from any process. Fails with `unknown-run` when there is no such run; a run that was
 * asked for a moment ago is waited for up to `waitMs`.
 *
 * Only events that are safe on disk are given out: a follower never hears of an event that a power cut could take back,
 * which is why nobody but this function should read `events.jsonl` of a run that is still open.
 */
export async function* followEvents(
	host: Host,
	options: EngineOptions,
	run: string,
	after = 0,
	context: { signal?: AbortSignal; waitMs?: number } = {},
): AsyncGenerator<AnyEvent> {
	const layout = makeLayout(options.stateFolder)
	const path = layout.run(run).events
	await waitForFile(host, path, run, context)
	const record: Position = { position: 0, untold: [] }
	while (!context.signal?.aborted) {
		const told = await readTold(host, path, record).catch((error) => {
			// Old output was cleared away meanwhile.
			throw codeOf(error) === "ENOENT" ? new FailureError("unknown-run", { run }) : error
		})
		// The end of a run is told when the next one may begin; if its runner died in between, nobody told it.
		const last = record.untold.at(-1)
		if (last?.type === "run-finished" && (await readHolder(host, layout))?.run !== run) told.push(...record.untold)
		for (const event of told) if (event.seq > after) yield event
		if (told.at(-1)?.type === "run-finished") return
		if (told.length === 0) await host.clock.sleep(EVERY, context.signal)
	}
}

async function waitForFile(
	host: Host,
	path: string,
	run: string,
	{ signal, waitMs = 0 }: { signal?: AbortSignal; waitMs?: number },
): Promise<void> {
	const end = host.clock.monotonic() + waitMs
	while (!(await host.disk.lstat(path))) {
		if (signal?.aborted || host.clock.monotonic() >= end) throw new FailureError("unknown-run", { run })
		await host.clock.sleep(EVERY, signal)
	}
}

interface Position {
	/** After the last whole line that was read; half a line is read again, for a recovery may write another in its place. */
	position: number
	untold: AnyEvent[]
}

/** New events up to the last empty line, which says that all before it is safe. A long record comes in several calls. */
async function readTold(host: Host, path: string, record: Position): Promise<AnyEvent[]> {
	const told: AnyEvent[] = []
	await withFile(host.disk.open(path, "read"), async (file) => {
		let rest = new Uint8Array()
		while (told.length === 0) {
			const buffer = new Uint8Array(rest.length + PIECE)
			buffer.set(rest)
			const count = await file.read(buffer.subarray(rest.length), record.position + rest.length)
			if (count === 0) return
			rest = buffer.subarray(0, rest.length + count)
			const end = rest.lastIndexOf(10) + 1
			for (const line of new TextDecoder().decode(rest.subarray(0, end)).split("\n").slice(0, -1)) {
				const event = line === "" ? undefined : parseEventLine(line)
				if (event) record.untold.push(event)
				else if (line === "") told.push(...record.untold.splice(0))
			}
			record.position += end
			rest = rest.slice(end)
		}
	})
	return told
}
