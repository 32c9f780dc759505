import { FILES, JOURNAL, STATE } from "./appliance.ts"
import type { ExploreOptions } from "./explore.ts"
import { failCommit } from "./faults.ts"
import type { ProcessSync } from "./process.ts"
import type { ScenarioName } from "./scenarios.ts"

/** One fsync of the engine: what it makes safe, and which broken promise tells when it is dropped. */
export interface Fsync {
	what: string
	isIt(sync: ProcessSync): boolean
	/** The scenario that catches its loss, what is then wrong there, and the crashes it takes; power cuts when absent. */
	caughtBy?: { scenario: ScenarioName; breaks: RegExp; cuts?: Cuts }
	/** Where no crash can tell: the promise it serves, and what proves that. */
	serves?: string
}

const run = `${STATE}/runs/run`
const events = `${run}/events.jsonl`
/** The customer's files and every folder above them. */
const theirs = new RegExp(`^(${FILES}(/.*)?|/)$`)
const staged = new RegExp(`^${FILES}/.*/\\.hotfix-run-\\d+$`)

type Cuts = Pick<ExploreOptions, "first" | "later" | "depth" | "asksAgain" | "failing" | "singles">
type Is = (sync: ProcessSync) => boolean

function file(path: string | RegExp, ...also: Is[]): Is {
	return (sync) => sync.kind === "file" && isAt(path, sync) && also.every((is) => is(sync))
}

function folder(path: string | RegExp, ...also: Is[]): Is {
	return (sync) => sync.kind === "folder" && isAt(path, sync) && also.every((is) => is(sync))
}

function isAt(wanted: string | RegExp, { path }: ProcessSync): boolean {
	return typeof wanted === "string" ? wanted === path : wanted.test(path)
}

const has =
	(name: string): Is =>
	({ names }) =>
		names.some((changed) => changed.name === name)
const not =
	(is: Is): Is =>
	(sync) =>
		!is(sync)
const isFirst: Is = ({ nth }) => nth === 1
const isReopened: Is = (sync) => sync.process === "recovery" && isFirst(sync)
const isRestoring: Is = ({ phase }) => phase === "restore"
const commits = (type: string): Is => file(JOURNAL, not(isReopened), ({ lastRecord }) => lastRecord === type)
/** The last sync of a pool's apply: of folders after all renames; before it, nothing of them is safe. */
const isRemoval: Is = ({ names }) => names.length === 0 || names.every(({ kind }) => kind === undefined)

/** The same, and whoever asked for the run asks again, because it had not even begun. */
const askedAgain = { first: ["killed"], later: ["all lost"], depth: 2, asksAgain: true } satisfies Cuts

/** A runner that is killed, a recovery that believes what it finds in memory, and then a power cut. */
const afterKill = { first: ["killed"], later: ["all lost"], depth: 2 } satisfies Cuts

/** Every fsync that a run or a recovery makes is exactly one of these. */
export const fsyncs: Fsync[] = [
	// The state folder.
	{
		what: "the folder above the first one that is made for the state folder",
		isIt: folder("/var", isFirst),
		caughtBy: { scenario: "firstRun", breaks: /./, cuts: askedAgain },
	},
	{
		what: "the state folder's name",
		isIt: folder("/var/lib"),
		caughtBy: { scenario: "firstRun", breaks: /p1 is failed|told/ },
	},
	{
		what: "names of folders in the state folder",
		isIt: folder(STATE, not(has("state.json"))),
		caughtBy: { scenario: "firstRun", breaks: /p1 is failed|told/ },
	},
	{
		what: "names of folders in the folder of backups",
		isIt: folder(`${STATE}/backups`),
		caughtBy: { scenario: "firstRun", breaks: /degraded|original/ },
	},
	// The journal.
	{
		what: "the run's folder",
		isIt: folder(`${STATE}/runs`),
		caughtBy: { scenario: "apply", breaks: /told/ },
	},
	{
		what: "the journal's name",
		isIt: folder(run, has("journal.jsonl"), not(has("journal.jsonl.new")), not(isReopened)),
		caughtBy: { scenario: "apply", breaks: /history|told/ },
	},
	{ what: "journal: run-open", isIt: commits("run-open"), caughtBy: { scenario: "apply", breaks: /history|told/ } },
	{ what: "journal: pool-open", isIt: commits("pool-open"), caughtBy: { scenario: "apply", breaks: /begun|told/ } },
	{
		what: "journal: backup-complete",
		isIt: commits("backup-complete"),
		caughtBy: { scenario: "apply", breaks: /p\d is failed/ },
	},
	{
		what: "journal: pool-closed",
		isIt: commits("pool-closed"),
		caughtBy: { scenario: "apply", breaks: /events say p1,applied.*, the journal says p1,failed/ },
	},
	{ what: "journal: run-closed", isIt: commits("run-closed"), caughtBy: { scenario: "tiny", breaks: /interrupted/ } },
	{
		what: "a journal that recovery goes on with",
		isIt: file(JOURNAL, isReopened),
		caughtBy: { scenario: "firstRun", breaks: /./, cuts: afterKill },
	},
	{
		what: "names in the folder of a run that recovery goes on with",
		isIt: folder(run, isReopened),
		caughtBy: { scenario: "firstRun", breaks: /./, cuts: afterKill },
	},
	// The journal, when the disk fails. A second sync after a failed one may pass without having written anything.
	{
		what: "a record taken back, because its write failed",
		isIt: commits("phase"),
		caughtBy: {
			scenario: "firstRun",
			breaks: /p1 is applied/,
			cuts: { singles: true, failing: () => failCommit("pool-closed", "write") },
		},
	},
	{
		what: "a journal written anew, because its sync failed",
		isIt: file(`${JOURNAL}.new`),
		caughtBy: { scenario: "firstRun", breaks: /./, cuts: { failing: () => failCommit("pool-closed", "sync") } },
	},
	{
		what: "the name of a journal written anew",
		isIt: folder(run, has("journal.jsonl.new")),
		caughtBy: { scenario: "firstRun", breaks: /./, cuts: { failing: () => failCommit("pool-closed", "sync") } },
	},
	// Events, record, state.
	{
		what: "the name of the events",
		isIt: folder(run, not(has("journal.jsonl")), not(has("record.json")), not(isReopened)),
		caughtBy: { scenario: "apply", breaks: /told/ },
	},
	{
		what: "events that are to be told",
		isIt: file(events, not(isReopened)),
		caughtBy: { scenario: "apply", breaks: /told/ },
	},
	{
		what: "events that recovery goes on with",
		isIt: file(events, isReopened),
		caughtBy: { scenario: "firstRun", breaks: /last event/, cuts: afterKill },
	},
	{
		what: "the run's record",
		isIt: file(`${run}/record.json.new`),
		caughtBy: { scenario: "tiny", breaks: /record of run/ },
	},
	{
		what: "the name of the run's record",
		isIt: folder(run, has("record.json"), not(isReopened)),
		caughtBy: { scenario: "tiny", breaks: /record of run/ },
	},
	{
		what: "the run's receipt",
		isIt: file(`${STATE}/receipts/run.txt.new`),
		caughtBy: { scenario: "tiny", breaks: /receipt of run/ },
	},
	{
		what: "the name of the run's receipt",
		isIt: folder(`${STATE}/receipts`),
		caughtBy: { scenario: "tiny", breaks: /receipt of run/ },
	},
	{
		what: "the state file",
		isIt: file(`${STATE}/state.json.new`),
		caughtBy: { scenario: "tiny", breaks: /damaged/ },
	},
	{
		what: "the name of the state file",
		isIt: folder(STATE, has("state.json")),
		caughtBy: { scenario: "tiny", breaks: /the journals say|no state file/ },
	},
	// The backup.
	{
		what: "the folder of a pool's backups",
		isIt: folder(`${STATE}/backups/pools`),
		caughtBy: { scenario: "apply", breaks: /degraded/ },
	},
	{
		what: "the folder of the backup",
		isIt: folder(/\/backups\/pools\/p\d$/),
		caughtBy: { scenario: "apply", breaks: /degraded/ },
	},
	{
		what: "contents of the backup",
		isIt: file(/\/backups\/blobs\/\./),
		caughtBy: { scenario: "apply", breaks: /degraded/ },
	},
	{
		what: "names of contents",
		isIt: folder(`${STATE}/backups/blobs`),
		caughtBy: { scenario: "apply", breaks: /degraded/ },
	},
	{
		what: "carriers of extended attributes",
		isIt: file(/\/\d+\.attributes$/),
		caughtBy: { scenario: "apply", breaks: /degraded/ },
	},
	{
		what: "the backup's manifest",
		isIt: file(/\/manifest\.json\.new$/),
		caughtBy: { scenario: "apply", breaks: /degraded/ },
	},
	{
		what: "the name of the manifest, and of the carriers",
		isIt: folder(/\/backups\/pools\/p\d\/run$/),
		caughtBy: { scenario: "apply", breaks: /degraded/ },
	},
	{
		what: "room that is kept for the way back",
		isIt: file(`${run}/reserve`),
		serves: "that a closure which fills the disk stops no way back: nothing here fills one",
	},
	// Originals.
	{
		what: "the customer's originals",
		isIt: file(/\/originals\/.*\.new$/),
		caughtBy: { scenario: "apply", breaks: /original/ },
	},
	{
		what: "names of the customer's originals",
		isIt: folder(`${STATE}/backups/originals`),
		caughtBy: { scenario: "apply", breaks: /original/ },
	},
	// The customer's files, applied.
	{
		what: "a new file before it is renamed",
		isIt: file(staged, not(isRestoring)),
		caughtBy: { scenario: "apply", breaks: /p1 is applied: .*a\.txt/ },
	},
	{
		what: "a file that was written in place",
		isIt: file(new RegExp(`^${FILES}/.*/hard\\.txt$`), not(isRestoring)),
		caughtBy: { scenario: "apply", breaks: /p1 is applied: .*hard\.txt/ },
	},
	{
		what: "names of new files, and of folders made for them",
		isIt: folder(theirs, not(isRestoring), not(isRemoval)),
		caughtBy: { scenario: "apply", breaks: /p1 is applied/ },
	},
	{
		what: "the end of files and folders that are removed",
		isIt: folder(theirs, not(isRestoring), isRemoval),
		caughtBy: { scenario: "revert", breaks: /p1 is applied: .*made/ },
	},
	// The customer's files, put back.
	{
		what: "a restored file before it is renamed",
		isIt: file(staged, isRestoring),
		caughtBy: { scenario: "apply", breaks: /p2 is failed: .*b\.txt/ },
	},
	{
		what: "a file that was restored in place",
		isIt: file(new RegExp(`^${FILES}/.*/hard\\.txt$`), isRestoring),
		caughtBy: { scenario: "apply", breaks: /p2 is failed: .*hard\.txt/ },
	},
	{
		what: "names of restored files, links and folders, and folders' modes",
		isIt: folder(theirs, isRestoring, not(isRemoval)),
		caughtBy: { scenario: "apply", breaks: /p2 is failed/ },
	},
	{
		what: "the end of made files and folders",
		isIt: folder(theirs, isRestoring, isRemoval),
		caughtBy: { scenario: "apply", breaks: /p2 is failed: .*made/ },
	},
]
