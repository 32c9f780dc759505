import { sideBySide } from "../disk/side-by-side.ts"
import type { EngineOptions } from "../engine.ts"
import type { Host } from "../host.ts"
import { readJournal } from "../journal/journal.ts"
import { type Layout, makeLayout } from "../layout.ts"
import { isClosed } from "../run/find-hot-runs.ts"
import { readRunNames } from "../run-names.ts"
import { type Checkpoint, readCheckpoint } from "../state/checkpoint.ts"
import { readState } from "../state/state-file.ts"
import { checkStateFolder } from "../state/state-folder.ts"
import { type Gone, isGone, type Seal } from "./link.ts"
import { type FoundRecord, findRecord, lowestAboveFirst, sealOf } from "./read-chain.ts"
import { type ChainedRecord, walkChain } from "./walk-chain.ts"

/** What `hotfix-runner history --verify` finds. */
export interface HistoryProof {
	/** `unknown`: nothing was found to be changed, but nobody knows what was before `unknownBefore`. */
	state: "whole" | "broken" | "unknown"
	/** The newest record: whoever remembers it can tell later whether the end was cut off. */
	head?: Seal
	/** Records that are there and in the chain. */
	chained: number
	/** Records that were tidied away; those beside them are still joined. */
	gone: number
	/** The same by number. Who can write to the state folder can claim that any were. */
	goneRanges: { from: number; to: number }[]
	/** The lowest record that is there, where a checkpoint that says what became of those before it is missing or an older runner's. */
	unknownBefore?: number
	/** Runs whose record is in no chain: older runners made none, and `writeRecord` none where the next number was not known. */
	notChained: string[]
	/** Runs that have not ended: no record says anything of them yet. */
	open: string[]
	/** Each place where a record was changed, removed or put in, in the order of the records. */
	faults: string[]
}

/** What lies there of one run. */
interface FoundRun {
	run: string
	/** Undefined where the journal cannot be read. */
	isOver?: boolean
	turn: number
	seal?: Seal
	record?: FoundRecord
}

/** What stands in a record's place and is none: no journal names it. */
const unreadable: FoundRecord = { digest: "" }
const nothing: HistoryProof = {
	state: "whole",
	chained: 0,
	gone: 0,
	goneRanges: [],
	notChained: [],
	open: [],
	faults: [],
}

/**
 * Whether the runs' records are those that were written, each after the one before it. Takes no lock, writes nothing. What
 * it cannot see by itself: an end that was cut off before another run went on from there, and a chain made anew behind the
 * checkpoint's head.
 */
export async function verifyHistory(host: Host, options: EngineOptions): Promise<HistoryProof> {
	const layout = makeLayout(options.stateFolder)
	if (!(await checkStateFolder(host, layout))) return nothing
	// First what is said of the runs, then the runs, then what became of those that went meanwhile.
	const { state } = await readState(host, layout)
	const before = await readCheckpoint(host, layout)
	const names = await readRunNames(host, layout)
	const runs = (await sideBySide(names, (run) => findRun(host, layout, run))).flat()
	const checkpoint = await readCheckpoint(host, layout)
	const gone = checkpoint?.gone ?? []
	const seals = runs.flatMap(({ seal }) => seal ?? [])
	const unknownBefore = checkpoint?.gone ? checkpoint.unknownBefore : lowestAboveFirst(seals)

	const chained = runs.flatMap(chainedOf)
	const { faults, head } = walkChain(chained, gone, unknownBefore)
	faults.push(...runs.flatMap((found) => lostFaults(found, gone)))
	faults.push(...headFaults(before, runs, gone))
	const turn = Math.max(0, ...runs.map((run) => run.turn))
	if (turn < (state.turn ?? 0)) faults.push("records at the end were removed: the state knows of a later run")
	return {
		state: faults.length > 0 ? "broken" : unknownBefore === undefined ? "whole" : "unknown",
		...(head ? { head } : {}),
		chained: chained.length,
		gone: gone.reduce((count, { from, to }) => count + to - from + 1, 0),
		goneRanges: gone.map(({ from, to }) => ({ from, to })),
		...(unknownBefore === undefined ? {} : { unknownBefore }),
		notChained: runs.filter(isUnchained).map(({ run }) => run),
		open: runs.filter(({ isOver }) => isOver === false).map(({ run }) => run),
		faults,
	}
}

async function findRun(host: Host, layout: Layout, run: string): Promise<FoundRun[]> {
	const records = await readJournal(host, layout.run(run).journal).catch(() => undefined)
	const record = await findRecord(host, layout, run).catch(() => unreadable)
	const found = record ? { run, record } : { run }
	if (!records) return record ? [{ ...found, turn: 0 }] : []
	const open = records[0]
	const turn = open?.type === "run-open" ? (open.turn ?? 0) : 0
	const seal = sealOf(records)
	return [{ ...found, turn, isOver: isClosed(records), ...(seal ? { seal } : {}) }]
}

function chainedOf({ run, seal, record }: FoundRun): ChainedRecord[] {
	return seal ? [{ run, seal, ...(record ? { record } : {}) }] : []
}

/** Of an older runner, or so it looks: it is for a person to know whether there was one. */
function isUnchained({ isOver, seal, record }: FoundRun): boolean {
	return isOver !== false && !seal && !record?.link
}

/** Every chained record has its journal, which ends with its seal, unless it was about to be tidied away. */
function lostFaults({ run, isOver, seal, record }: FoundRun, gone: readonly Gone[]): string[] {
	if (!record?.link || seal || isOver === false || isGone(gone, record.link.number)) return []
	return [`record ${record.link.number} (run ${run}): the end of its journal is missing or was changed`]
}

/**
 * A record is on disk before a checkpoint names it, is never written again, and goes only after a checkpoint has said so. Its
 * journal's end may have been in memory only and be lost, so that it is enough when the record itself is there.
 */
function headFaults(checkpoint: Checkpoint | undefined, runs: readonly FoundRun[], gone: readonly Gone[]): string[] {
	const head = checkpoint?.gone && checkpoint.head
	if (!head || isGone(gone, head.number)) return []
	const isMet = runs.some(({ seal, record }) => seal?.digest === head.digest || record?.digest === head.digest)
	return isMet ? [] : [`record ${head.number} is not the one that checkpoint.json names as the newest of its time`]
}
