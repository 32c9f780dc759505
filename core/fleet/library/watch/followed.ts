import type { watch as watchFolder } from "node:fs"
import { type Failure, FailureError } from "../../../schema/failure.ts"
import { createBroadcast } from "./broadcast.ts"
import { type FolderWatch, watchFolders } from "./watch-folders.ts"

export interface WatchTimes {
	/** Quiet time after a hint before it is read, and how long a restless folder may put that off; milliseconds. */
	settleMs: number
	maxSettleMs: number
	/** How often it is looked at where watching works (file systems of other machines tell nothing), and where it does not. */
	lookMs: number
	blindLookMs: number
}

const TIMES: WatchTimes = { settleMs: 80, maxSettleMs: 1000, lookMs: 10_000, blindLookMs: 1000 }
/** Looking takes at most this part of the time. */
const LOOK_SHARE = 20

export interface WatchSettings {
	/** What is followed, for the log. */
	name: string
	log(line: string): void
	times?: Partial<WatchTimes> | undefined
	watch?: typeof watchFolder | undefined
}

/** What is followed: how it is read, and how its readers are told. */
export interface Followed<Value, Item> {
	/** Watches what has to be watched, then reads. `isLook`: nothing hinted at a change. */
	read(at: { folders: FolderWatch; hint(): void; isLook: boolean }): Promise<Value>
	/** A folder in which something may have changed. */
	hinted?(folder: string): void
	snapshot(value: Value, seq: number): Item
	/** Undefined where nothing differs. */
	change(before: Value, after: Value, seq: number, own: boolean): Item | undefined
	unreadable(failure: Failure, seq: number): Item
}

/** Follows something on disk: what it was, then each change, whoever made it. Hints only say when to read it again. */
export function createFollowed<Value, Item>(
	{ read, hinted = () => {}, snapshot, change, unreadable }: Followed<Value, Item>,
	{ name, log, times: given, watch }: WatchSettings,
) {
	const times = { ...TIMES, ...given }
	let current: { value: Value } | undefined
	let problem: Failure | undefined
	let seq = 0
	let reading: Promise<void> = Promise.resolve()
	let settle: NodeJS.Timeout | undefined
	let look: NodeJS.Timeout | undefined
	let hintedAt: number | undefined
	/** When all of it was read last, whether or not anything had hinted at a change. */
	let lookedAt = 0
	let isClosed = false

	const changes = createBroadcast<Item>(() =>
		current ? snapshot(current.value, seq) : problem && unreadable(problem, seq),
	)

	const hint = () => {
		if (isClosed) return
		hintedAt ??= Date.now()
		const wait = Math.min(times.settleMs, Math.max(0, hintedAt + times.maxSettleMs - Date.now()))
		clearTimeout(settle)
		settle = setTimeout(() => void scan(), wait)
	}
	const folders = watchFolders((folder) => {
		hinted(folder)
		hint()
	}, watch)

	/** One at a time; resolves when what was there at the call has been told. */
	const scan = (own = false, isLook = false): Promise<void> => {
		clearTimeout(settle)
		hintedAt = undefined
		reading = reading.then(() => (isClosed ? undefined : scanNow(own, isLook)))
		return reading
	}

	const scanNow = async (own: boolean, isLook: boolean) => {
		const startedAt = Date.now()
		try {
			tell(await read({ folders, hint, isLook }), own)
		} catch (error) {
			tellUnreadable(error)
		}
		clearTimeout(look)
		if (isClosed) return
		if (isLook || lookedAt === 0) lookedAt = Date.now()
		const interval = folders.isComplete() && !problem ? times.lookMs : times.blindLookMs
		// Hints do not put it off: a restless folder would for ever.
		const next = lookedAt + Math.max(interval, (Date.now() - startedAt) * LOOK_SHARE)
		const wait = Math.max(0, next - Date.now())
		look = setTimeout(() => void scan(false, true), wait)
		look.unref()
	}

	const tell = (value: Value, own: boolean) => {
		const before = current
		current = { value }
		problem = undefined
		if (!before) return changes.reset()
		const item = change(before.value, value, seq + 1, own)
		if (item === undefined) return
		seq++
		changes.tell(item)
	}

	const tellUnreadable = (error: unknown) => {
		if (!(error instanceof FailureError)) log(`${name}: cannot be followed: ${(error as Error).message}`)
		const failure = error instanceof FailureError ? error.failure : undefined
		const next = failure ?? { code: "internal" as const, data: { message: (error as Error).message } }
		const isTold = problem?.code === next.code && problem.data.reason === next.data.reason
		current = undefined
		problem = next
		if (isTold) return
		seq++
		changes.reset()
	}

	return {
		follow: changes.follow,
		readers: changes.count,
		scan,
		close() {
			isClosed = true
			clearTimeout(settle)
			clearTimeout(look)
			folders.close()
			changes.close()
		},
	}
}
