import type { DesktopState, StateChange } from "../../schema/desktop.ts"
import type { StateService } from "./types.ts"

/** Changes that wait for one slow reader; beyond it the reader gets a new snapshot instead. */
const QUEUE_LIMIT = 1000

/** A change before it has its number. */
type ChangeBody = StateChange extends infer C
	? C extends StateChange
		? C["type"] extends "snapshot"
			? never
			: Omit<C, "seq">
		: never
	: never

type Reader = { queue: StateChange[]; needsSnapshot: boolean; wake: () => void }

export type StateBroadcast = StateService & {
	/** Numbers a change and hands it to every reader. */
	publish(change: ChangeBody): void
	/** Calls after each change, until what it returns is called. */
	listen(tell: (change: ChangeBody) => void): () => void
	readers(): number
	/** Ends every reader. */
	close(): void
}

/** Snapshot first, then numbered changes, to any number of readers. */
export function createState(snapshot: () => DesktopState): StateBroadcast {
	const readers = new Set<Reader>()
	const listeners = new Set<(change: ChangeBody) => void>()
	let seq = 0
	let isClosed = false

	async function* follow(signal?: AbortSignal): AsyncGenerator<StateChange> {
		const reader: Reader = { queue: [], needsSnapshot: true, wake: () => {} }
		const wake = () => reader.wake()
		readers.add(reader)
		signal?.addEventListener("abort", wake)
		try {
			while (!isClosed && !signal?.aborted) {
				const next = takeNext(reader)
				if (next) yield next
				else await new Promise<void>((resolve) => (reader.wake = resolve))
			}
		} finally {
			readers.delete(reader)
			signal?.removeEventListener("abort", wake)
		}
	}

	const takeNext = (reader: Reader): StateChange | undefined => {
		if (!reader.needsSnapshot) return reader.queue.shift()
		// Before the snapshot is taken, so that a change during it is not lost; what the snapshot holds has a lower number.
		reader.queue = []
		reader.needsSnapshot = false
		return { type: "snapshot", seq, state: snapshot() }
	}

	return {
		snapshot,
		follow,
		listen(tell) {
			listeners.add(tell)
			return () => void listeners.delete(tell)
		},
		readers: () => readers.size,
		publish(change) {
			const numbered: StateChange = { ...change, seq: ++seq }
			for (const reader of readers) {
				if (!reader.needsSnapshot) reader.queue.push(numbered)
				if (reader.queue.length > QUEUE_LIMIT) Object.assign(reader, { queue: [], needsSnapshot: true })
				reader.wake()
			}
			for (const tell of listeners) tell(change)
		},
		close() {
			isClosed = true
			for (const reader of readers) reader.wake()
		},
	}
}
