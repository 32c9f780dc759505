import type { watch as watchFolder } from "node:fs"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { type Failure, FailureError } from "../../../schema/failure.ts"
import type { LibraryOpened, ModuleChange } from "../../../schema/library.ts"
import { codeOf } from "../files/disk-failure.ts"
import { findRepository } from "../git/repository.ts"
import { createBroadcast } from "./broadcast.ts"
import { changeBetween } from "./change-between.ts"
import { watchFolders } from "./watch-folders.ts"

export interface WatchTimes {
	/** Quiet time after a hint before the folder is read, and how long a restless folder may put it off; milliseconds. */
	settleMs: number
	maxSettleMs: number
	/** How often it is looked at where watching works (file systems of other machines tell nothing), and where it does not. */
	lookMs: number
	blindLookMs: number
}

const TIMES: WatchTimes = { settleMs: 80, maxSettleMs: 1000, lookMs: 10_000, blindLookMs: 1000 }
/** Looking takes at most this part of the time. */
const LOOK_SHARE = 20

export interface WatchOptions {
	read(): Promise<LibraryOpened>
	folder: string
	log(line: string): void
	times?: Partial<WatchTimes>
	watch?: typeof watchFolder
}

export type ModuleWatch = ReturnType<typeof createModuleWatch>

/** Follows one module folder: what it was, then each change, whoever made it. Hints only say when to read it again. */
export function createModuleWatch({ read, folder, log, times: given, watch }: WatchOptions) {
	const times = { ...TIMES, ...given }
	let current: LibraryOpened | undefined
	let unreadable: Failure | undefined
	let seq = 0
	let reading: Promise<void> = Promise.resolve()
	let settle: NodeJS.Timeout | undefined
	let look: NodeJS.Timeout | undefined
	let hintedAt: number | undefined
	let isClosed = false
	/** Works of this program that write in the folder just now. */
	let writing = 0

	const changes = createBroadcast<ModuleChange>(() => {
		if (current) return { type: "snapshot", seq, module: current }
		return unreadable && { type: "unreadable", seq, failure: unreadable }
	})

	const hint = () => {
		if (isClosed) return
		hintedAt ??= Date.now()
		const wait = Math.min(times.settleMs, Math.max(0, hintedAt + times.maxSettleMs - Date.now()))
		clearTimeout(settle)
		settle = setTimeout(() => void scan(false), wait)
	}
	const folders = watchFolders(hint, watch)

	/** One at a time; resolves when what was there at the call has been told. */
	const scan = (own: boolean): Promise<void> => {
		clearTimeout(settle)
		hintedAt = undefined
		reading = reading.then(() => (isClosed ? undefined : scanNow(own)))
		return reading
	}

	const scanNow = async (own: boolean) => {
		const startedAt = Date.now()
		try {
			// Before the reading, so that no change falls between the two.
			if (folders.set(await foldersOf(folder))) hint()
			tell(await read(), own || writing > 0)
		} catch (error) {
			tellUnreadable(error)
		}
		clearTimeout(look)
		if (isClosed) return
		const interval = folders.isComplete() && !unreadable ? times.lookMs : times.blindLookMs
		look = setTimeout(() => void scan(false), Math.max(interval, (Date.now() - startedAt) * LOOK_SHARE))
		look.unref()
	}

	const tell = (next: LibraryOpened, own: boolean) => {
		const before = current
		current = next
		unreadable = undefined
		if (!before) return changes.reset()
		const change = changeBetween(before, next)
		if (change) changes.tell({ type: "changed", seq: ++seq, own, ...change })
	}

	const tellUnreadable = (error: unknown) => {
		if (!(error instanceof FailureError)) log(`${folder}: cannot be followed: ${(error as Error).message}`)
		const failure = error instanceof FailureError ? error.failure : undefined
		const next = failure ?? { code: "internal" as const, data: { message: (error as Error).message } }
		const isTold = unreadable?.code === next.code && unreadable.data.reason === next.data.reason
		current = undefined
		unreadable = next
		if (isTold) return
		seq++
		changes.reset()
	}

	/**
	 * Before this program writes in the folder: what was not told yet is somebody else's, what comes then is ours, whatever
	 * hint makes it seen. Call what it resolves to when all is written.
	 */
	const beginWriting = async (): Promise<() => void> => {
		await scan(false)
		writing++
		return () => void scan(true).finally(() => writing--)
	}

	return {
		beginWriting,
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

/** Where changes of the module or of its standing show: its folders, and those of git with branch and tags. */
async function foldersOf(folder: string): Promise<string[]> {
	const all = [folder]
	const open = [join(folder, "src")]
	for (let at = open.pop(); at !== undefined; at = open.pop()) {
		const entries = await readdir(at, { withFileTypes: true }).catch((error) => {
			if (codeOf(error) !== "") return undefined
			throw error
		})
		if (!entries) continue
		all.push(at)
		for (const entry of entries) if (entry.isDirectory()) open.push(join(at, entry.name))
	}
	const repository = await findRepository(folder).catch((error) => {
		if (error instanceof FailureError) return undefined
		throw error
	})
	if (repository)
		all.push(repository.gitDir, ...["refs/heads", "refs/tags"].map((path) => join(repository.commonDir, path)))
	return all
}
