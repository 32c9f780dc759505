import { writeFileAtomic } from "../disk/atomic-file.ts"
import { readSmallFile } from "../disk/content.ts"
import { because, isFull } from "../disk/disk-error.ts"
import { openAt, openWith } from "../disk/open-with.ts"
import { folderOf } from "../disk/path.ts"
import { createReserve, SMALL_ROOM } from "../disk/reserve.ts"
import type { Host, OpenFile } from "../host.ts"
import { hasRecord, parseJournal, printRecord } from "./journal-text.ts"
import type { JournalRecord } from "./records.ts"

/** The record is certainly not on disk, and the journal is whole: whatever it would have committed must be undone. */
export class CommitFailed extends Error {}

/** Nobody can tell what is on disk: the run stops as it stands, and recovery decides from what it finds there. */
export class JournalLost extends Error {}

/** Write-ahead record of one run. */
export interface Journal {
	readonly records: readonly JournalRecord[]
	/** Appends and syncs; only then may what the record allows be done. Throws `CommitFailed` or `JournalLost`. */
	commit(record: JournalRecord): Promise<void>
	/** Appends without a sync, for what only helps recovery to explain itself. Never throws. */
	note(record: JournalRecord): Promise<void>
	close(): Promise<void>
}

/** Begins the journal of a new run; the run's folder is there. Fails with EEXIST when the run has one already. */
export async function createJournal(host: Host, path: string, first: JournalRecord): Promise<Journal> {
	const file = await host.disk.open(path, "create", 0o600)
	const journal = makeJournal(host, path, { file, records: [], text: "" })
	try {
		await journal.commit(first)
		await host.disk.syncFolder(folderOf(path))
		return journal
	} catch (error) {
		await journal.close().catch(() => {})
		throw error
	}
}

/**
 * Opens the journal of an earlier run to go on with it; what a crash left of its last line is dropped. What is read is
 * made safe before anything is done on its account: a runner that was killed may have left all of it in memory. Its name
 * is made safe with that of the events.
 */
export async function openJournal(host: Host, path: string): Promise<Journal | undefined> {
	const bytes = await readSmallFile(host, path)
	if (!bytes) return undefined
	const { records, validBytes } = parseJournal(host, bytes)
	if (records[0]?.type !== "run-open") return undefined
	const file = await openWith(openAt(host, path, validBytes), (opened) => opened.sync())
	const text = new TextDecoder().decode(bytes.subarray(0, validBytes))
	return makeJournal(host, path, { file, records, text })
}

/** The records of a run's journal, without opening it for more; undefined when the run never began. */
export async function readJournal(host: Host, path: string): Promise<JournalRecord[] | undefined> {
	const bytes = await readSmallFile(host, path)
	const records = bytes && parseJournal(host, bytes).records
	return records?.[0]?.type === "run-open" ? records : undefined
}

/**
 * Whether a journal had a beginning that cannot be read any more. The first record was synced before any other was
 * written, so that one that is whole behind one that is not tells of damage; a crash leaves the first one torn and alone.
 */
export async function hasLostBeginning(host: Host, path: string): Promise<boolean> {
	const bytes = await readSmallFile(host, path)
	if (!bytes || parseJournal(host, bytes).records[0]?.type === "run-open") return false
	return hasRecord(host, bytes)
}

interface Begun {
	file: OpenFile
	records: JournalRecord[]
	/** What is in the file, whole lines. */
	text: string
}

function makeJournal(host: Host, path: string, { file, records, text }: Begun): Journal {
	const reserve = createReserve(host, folderOf(path))
	let size = new TextEncoder().encode(text).length

	/** The journal without the line that failed, so that nobody ever reads it. */
	const takeBack = async (isWritten: boolean) => {
		if (!isWritten) {
			await file.truncate(size)
			return file.sync()
		}
		// After a failed sync a second one may pass without having written anything: only a new file can be trusted.
		await writeFileAtomic(host, path, text)
		await file.close().catch(() => {})
		file = await host.disk.open(path, "write")
	}
	const take = (record: JournalRecord, line: string) => {
		text += line
		size += new TextEncoder().encode(line).length
		records.push(record)
	}
	const commit = async (record: JournalRecord, line: string) => {
		let isWritten = false
		try {
			await file.write(new TextEncoder().encode(line), size)
			isWritten = true
			await file.sync()
		} catch (error) {
			const why = because("write the run's journal", error).message
			await takeBack(isWritten).catch(() => Promise.reject(new JournalLost(why, { cause: error })))
			throw new CommitFailed(why, { cause: error })
		}
		take(record, line)
	}
	const giveRoom = () => reserve.give(SMALL_ROOM).catch(() => false)
	/** Once more with the room that was kept for it, when the disk is full. */
	const withRoom = async (step: () => Promise<void>) => {
		try {
			await step()
		} catch (error) {
			if (error instanceof JournalLost || !isFull(error) || !(await giveRoom())) throw error
			await step()
		}
	}
	return {
		records,
		commit: (record) => withRoom(() => commit(record, printRecord(host, record))),
		note: async (record) => {
			const line = printRecord(host, record)
			try {
				await withRoom(() => file.write(new TextEncoder().encode(line), size))
			} catch {
				// The next commit writes over the half line, or finds the disk broken and says so.
				return
			}
			take(record, line)
		},
		close: () => file.close(),
	}
}
