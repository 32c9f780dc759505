import { createStore, type StoreApi } from "zustand/vanilla"
import type { DesktopRun, DesktopState, StateChange } from "../../core/schema/desktop.ts"
import type { Connection } from "../rpc/connection.ts"

/** The services' state as last told. `state` is undefined until the first snapshot has come. */
export interface Desktop {
	connection: Connection
	seq: number
	/** Goes up when a run has ended or was told anew, also one too old to be kept in `state`. */
	endings: number
	state?: DesktopState
}

const MAX_ENDED_RUNS = 100

/** Whether changes are missing between what is known and this one. */
export function hasGap(desktop: Desktop, change: StateChange): boolean {
	if (change.type === "snapshot") return false
	return desktop.state === undefined || change.seq > desktop.seq + 1
}

/** The state after one change; changes that the snapshot already holds are dropped. */
export function applyStateChange(desktop: Desktop, change: StateChange): Desktop {
	const { seq } = change
	if (change.type === "snapshot") return { ...desktop, seq, endings: desktop.endings + 1, state: change.state }
	if (!desktop.state || seq <= desktop.seq) return desktop
	const endings = desktop.endings + Number(change.type === "run-changed" && isEnded(change.run))
	return { ...desktop, seq, endings, state: { ...desktop.state, ...changedPart(desktop.state, change) } }
}

function changedPart(state: DesktopState, change: Exclude<StateChange, { type: "snapshot" }>): Partial<DesktopState> {
	switch (change.type) {
		case "appliance-changed":
			return { appliances: put(state.appliances, change.appliance) }
		case "appliance-removed":
			return { appliances: state.appliances.filter((one) => one.id !== change.id) }
		case "fleet-changed":
			return { appliances: putAll(state.appliances, change.changed, new Set(change.removed)) }
		case "recent-modules-changed":
			return { recentModules: change.recentModules }
		case "run-changed":
			return { runs: keepNewest(newestFirst(putFirst(state.runs, change.run))) }
		case "question-opened":
			return { questions: put(state.questions, change.question) }
		case "question-closed":
			return { questions: state.questions.filter((one) => one.id !== change.id) }
	}
}

function put<T extends { id: string }>(list: T[], item: T): T[] {
	return list.some((one) => one.id === item.id) ? list.map((one) => (one.id === item.id ? item : one)) : [...list, item]
}

function putAll<T extends { id: string }>(list: T[], changed: T[], removed: ReadonlySet<string>): T[] {
	const left = new Map(changed.map((one) => [one.id, one]))
	const kept = list.flatMap((one) => {
		const item = left.get(one.id) ?? one
		left.delete(one.id)
		return removed.has(one.id) ? [] : [item]
	})
	return [...kept, ...left.values()]
}

function putFirst<T extends { id: string }>(list: T[], item: T): T[] {
	return list.some((one) => one.id === item.id) ? put(list, item) : [item, ...list]
}

/** Runs are told in any order: what was fetched comes newest first, one after the other. */
function newestFirst(runs: DesktopRun[]): DesktopRun[] {
	return runs.toSorted((a, b) => (a.startedAt === b.startedAt ? 0 : a.startedAt < b.startedAt ? 1 : -1))
}

/** Whether a run has come to its end, one way or the other. */
export function isEnded(run: DesktopRun): boolean {
	return run.state === "finished" || run.state === "not-started"
}

function keepNewest(runs: DesktopRun[]): DesktopRun[] {
	let ended = 0
	return runs.filter((run) => !isEnded(run) || ++ended <= MAX_ENDED_RUNS)
}

export type DesktopStore = StoreApi<Desktop>

export function createDesktopStore(): DesktopStore {
	return createStore<Desktop>(() => ({ connection: "connecting", seq: 0, endings: 0 }))
}
