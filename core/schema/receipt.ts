import type { HistoryFile, HistoryPool, HistoryRun } from "./history.ts"
import type { Phase, Reason } from "./outcome.ts"
import { finalClosureSentence, outcomeSentence, phaseName } from "./outcome-sentences.ts"
import { plainText } from "./plain-text.ts"

/** What a receipt says besides what history remembers of the run. */
export interface ReceiptFacts {
	/** In the module's own words; masked. */
	about?: About | undefined
	/** Program and arguments that start this runner there, without a command. */
	program: readonly string[]
	/** Options that each of its commands needs there, for example `--state`. */
	options: readonly string[]
	/** The state folder. */
	folder: string
	/** Whether the commands need root's rights. */
	asRoot: boolean
}

/** Why a run was made: the module's description, and its pools' by id. */
export interface About {
	module: string
	pools: Record<string, string>
}

/** Files of one pool, and lines of a command's output, that are shown; the rest is counted. */
const SHOWN_FILES = 200
const SHOWN_LINES = 20
/** Longest path on Linux. */
const MAX_PATH = 4096

/**
 * What a run left, for whoever finds it on the appliance: what changed, why, by whom, and how to undo it there without the
 * desktop. Safe to show on a terminal, whatever module and commands said.
 */
export function makeReceipt(run: HistoryRun, facts: ReceiptFacts): string {
	const sections = [
		...run.pools.filter(({ outcome }) => outcome === "degraded").map((pool) => alarmLines(run, pool, facts)),
		headLines(run, facts),
		...run.pools.map((pool) => poolLines(run, pool, facts)),
		run.finalClosure ? [finalClosureSentence(run.finalClosure), ...failureLines(run.finalClosure.reason)] : [],
		undoLines(run, facts),
		moreLines(run, facts),
	]
	return `${sections
		.filter((lines) => lines.length > 0)
		.map((lines) => lines.join("\n"))
		.join("\n\n")}\n`
}

function alarmLines({ run }: HistoryRun, { pool }: HistoryPool, facts: ReceiptFacts): string[] {
	const { folder } = facts
	return [
		`A PERSON MUST LOOK: pool ${plainText(pool)} could not be put back completely.`,
		`  1. Read below, under "Pool ${plainText(pool)}", what is wrong, and remove the cause.`,
		`  2. Put the pool back${asRoot(facts)}:`,
		`       ${commandLine(facts, "revert", "--pool", pool, "--run", run)}`,
		"     It names files that were changed since; with --force those changes are lost.",
		`  3. By hand: ${plainPath(`${folder}/backups/pools/${pool}/${run}/manifest.json`)} names every file,`,
		`     and its content as it was, by digest, in ${plainPath(`${folder}/backups/blobs`)}. It stays until then.`,
	]
}

function headLines(run: HistoryRun, { about }: ReceiptFacts): string[] {
	const { module, by, from } = run
	const asked = [...(by === undefined ? [] : [`by ${plainText(by)}`]), ...(from ? [`from ${plainText(from)}`] : [])]
	return [
		`Run       ${plainText(run.run)}`,
		`What      ${run.kind} of module ${plainText(module.name)} ${plainText(module.version)}`,
		`          sha256 ${module.digest}`,
		...(about?.module ? [`Why       ${plainText(about.module)}`] : []),
		`Asked     ${asked.join(" ") || "nobody knows by whom"}`,
		`Began     ${plainText(run.startedAt)}`,
		`Ended     ${plainText(run.finishedAt ?? "not yet")}${run.interrupted ? ", by recovery: it had been interrupted" : ""}`,
		`Outcome   ${run.outcome ?? "not known"}${run.pools.some(isTouched) ? "" : "; nothing on this appliance was touched"}`,
	]
}

/** From here on a pool's files may have been written. */
const touching: ReadonlySet<Phase> = new Set(["apply", "closure", "checks", "confirm", "restore", "reclosure"])

function isTouched({ outcome, phases }: HistoryPool): boolean {
	return outcome === "degraded" || phases.some(({ phase }) => touching.has(phase))
}

function poolLines(run: HistoryRun, pool: HistoryPool, { about }: ReceiptFacts): string[] {
	const why = Object.hasOwn(about?.pools ?? {}, pool.pool) ? about?.pools[pool.pool] : undefined
	const shown = isTouched(pool) ? pool.files.slice(0, SHOWN_FILES) : []
	const left = isTouched(pool) ? pool.files.length - shown.length : 0
	return [
		`Pool ${plainText(pool.pool)}: ${pool.outcome}`,
		...(why ? [`  ${plainText(why)}`] : []),
		`  ${sentenceOf(run, pool)}`,
		...failureLines(pool.reason),
		...shown.flatMap(fileLines),
		...(left > 0 ? [`  and ${left} more files, which the history names`] : []),
	]
}

/** What `applied` means depends on what was asked for. */
function sentenceOf({ kind }: HistoryRun, pool: HistoryPool): string {
	const isNothing = pool.outcome === "failed" && !isTouched(pool)
	if (isNothing && pool.reason) return `Nothing was touched: it ended in ${phaseName(pool.reason.phase)}.`
	return outcomeSentence(pool.outcome, pool.reason, kind)
}

function failureLines(reason: Reason | undefined): string[] {
	if (!reason) return []
	const { phase, message, command, exit, signal, timedOut, output, details = [] } = reason
	const end = exit === undefined ? signal && `signal ${plainText(signal)}` : `exit status ${exit}`
	return [
		`  failed    ${phaseName(phase)}: ${plainText(message)}`,
		...(command === undefined ? [] : [`  command   ${plainText(command)}`]),
		...(end === undefined ? [] : [`  end       ${end}${timedOut ? ", its time was up" : ""}`]),
		...outputLines(output),
		...details.map((detail) => `  - ${plainText(detail)}`),
	]
}

function outputLines(output = ""): string[] {
	const lines = output.split("\n").filter((line) => line.trim() !== "")
	const shown = lines.slice(-SHOWN_LINES)
	return [...(shown.length > 0 ? ["  last output:"] : []), ...shown.map((line) => `  | ${plainText(line)}`)]
}

function fileLines({ destination, before, after }: HistoryFile): string[] {
	const digests =
		before === after
			? [["is", before]]
			: [
					["was", before],
					["is", after],
				]
	return [
		`  ${actionOf(before, after).padEnd(9)} ${plainPath(destination)}`,
		...digests.map(([when = "", digest]) => `    ${when.padEnd(3)} ${digest ? `sha256 ${digest}` : "not there"}`),
	]
}

function actionOf(before: string | undefined, after: string | undefined): string {
	if (before === after) return "as before"
	if (before === undefined) return "made"
	return after === undefined ? "removed" : "replaced"
}

/** Only what stands can be taken back; what a revert put back is applied again from its module. */
function undoLines(run: HistoryRun, facts: ReceiptFacts): string[] {
	const standing = run.kind === "apply" ? run.pools.filter(({ outcome }) => outcome === "applied") : []
	if (standing.length > 0)
		return [
			`To undo it here, without our desktop${asRoot(facts)}, the last pool first:`,
			...standing.reverse().map(({ pool }) => `  ${commandLine(facts, "revert", "--pool", pool, "--run", run.run)}`),
		]
	if (run.pools.some(({ outcome }) => outcome === "degraded")) return []
	const isReverted = run.kind === "revert" && run.outcome === "applied"
	return [isReverted ? "This was the undoing; the module can be applied again." : "There is nothing to undo."]
}

function moreLines({ run }: HistoryRun, facts: ReceiptFacts): string[] {
	const program = facts.program.at(-1) ?? ""
	return [
		`To see more${asRoot(facts)}:`,
		`  ${commandLine(facts, "status")}`,
		`  ${commandLine(facts, "history")}`,
		`  ${commandLine(facts, "attach", "--run", run)}`,
		"To put back what an interrupted run left open:",
		`  ${commandLine(facts, "recover")}`,
		`Should ${plainPath(program)} be gone, any other in ${plainPath(`${facts.folder}/runners`)} does the same.`,
	]
}

function asRoot({ asRoot }: ReceiptFacts): string {
	return asRoot ? ", as root" : ""
}

function commandLine({ program, options }: ReceiptFacts, ...command: string[]): string {
	return plainPath([...program, ...command, ...options].map(shellWord).join(" "))
}

/** A word as a person would type it. */
function shellWord(word: string): string {
	return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

function plainPath(path: string): string {
	return plainText(path, MAX_PATH)
}
