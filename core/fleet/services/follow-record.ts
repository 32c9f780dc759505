import type { DesktopRun } from "../../schema/desktop.ts"
import type { AnyEvent } from "../../schema/event.ts"
import type { Store } from "../store/store.ts"
import type { Contacts } from "./contacts.ts"
import type { Registry } from "./registry.ts"
import type { RunRecord } from "./run-record.ts"

/** Events read from the record at once. */
const PAGE = 500
/** How often the record of a run that another program follows is looked at, milliseconds. */
const OTHERS_MS = 500

type Sources = {
	store: Store
	registry: Registry
	contacts: Contacts
	get(id: string): DesktopRun
	/** Whether nothing more will come. */
	isOver(id: string): boolean
	/** Present while this program follows the run. */
	record(): RunRecord | undefined
}

/**
 * A run's events with `seq > after`: what is recorded, then live until the run has ended. The reader's pace is kept:
 * nothing is read ahead of it. What an ended run lacks here is taken from the appliance.
 */
export async function* followRecord(sources: Sources, id: string, after: number, signal?: AbortSignal) {
	sources.get(id)
	let at = after
	while (!signal?.aborted) {
		const record = sources.record()
		const isOver = sources.isOver(id)
		const page = record ? record.read(at, PAGE) : sources.store.events.read(id, at, PAGE)
		for (const event of page) {
			yield event
			at = event.seq
			if (event.type === "run-finished") return
		}
		if (page.length > 0) continue
		if (isOver) return yield* fetchRest(sources, sources.get(id), at, signal)
		await (record ? record.changed(signal) : sleep(OTHERS_MS, signal))
	}
}

/** The events that this desktop never saw, or no longer keeps. */
async function* fetchRest(
	sources: Sources,
	run: DesktopRun,
	at: number,
	signal?: AbortSignal,
): AsyncGenerator<AnyEvent> {
	if (run.run === undefined || run.outcome === undefined) return
	const { port } = await sources.contacts.open(sources.registry.reach(run.applianceId), { signal })
	try {
		for await (const event of port.attach(run.run, at, signal)) {
			sources.store.events.append(run.id, [event])
			if (event.type === "run-finished") sources.store.runs.indexOutput(run.id)
			yield event
			if (event.type === "run-finished") return
		}
	} finally {
		await port.close()
	}
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		const wake = () => {
			clearTimeout(timer)
			signal?.removeEventListener("abort", wake)
			resolve()
		}
		const timer = setTimeout(wake, ms)
		signal?.addEventListener("abort", wake)
	})
}
