import type { DesktopRun } from "../../../../core/schema/desktop.ts"
import type { Phase, Reason } from "../../../../core/schema/outcome.ts"
import { reasonText } from "../../../../core/schema/outcome-sentences.ts"
import { sentenceOf } from "../../../../core/schema/sentences.ts"
import { count } from "../../../components/format.ts"
import { sentence } from "../../../components/words.ts"
import { textOf } from "../../../stores/output-log.ts"
import type { PhaseView, PoolView, RunView } from "../../../stores/run-view.ts"

/** What the specification's "Testing Hotfixes" asks of a pool, in its order. */
export const tests = {
	closure: "The closure passes with the new files",
	reclosure: "The closure passes after the way back",
	restore: "Every file is back as it was",
	modified: "All of it on files that a customer changed",
} as const
export type TestName = keyof typeof tests

/** `not-proved`: nobody knows. It is never a pass. */
export type VerdictState = "passed" | "failed" | "not-proved" | "going"
export interface Verdict {
	test: TestName
	state: VerdictState
	/** One sentence: what was proved, or why it was not. */
	words: string
	/** What failed, with the last that it said. */
	reason?: Reason | undefined
}

/** One rehearsal: what its events tell, and how the desktop's connection to it stands. Absent: it was not started. */
export interface Rehearsal {
	view: RunView
	run: Pick<DesktopRun, "state" | "failure" | "retryAt" | "module">
}

/** The verdict of each test on one pool, from the events of a rehearsal and of one that changed the files first. */
export function judge(pool: string, plain: Rehearsal | undefined, modified: Rehearsal | undefined): Verdict[] {
	const isSame = plain?.run.module.digest === modified?.run.module.digest
	const of = (test: TestName, judged: Judged): Verdict => ({ test, ...judged })
	const seen = plain && look(pool, plain)
	return [
		of("closure", seen ? judgeClosure(seen) : notProved("it was not tried")),
		of("reclosure", seen ? judgeReclosure(seen) : notProved("it was not tried")),
		of("restore", seen ? judgeRestore(seen) : notProved("it was not tried")),
		of(
			"modified",
			modified && !isSame
				? notProved("the module was changed between the two rehearsals")
				: judgeModified(seen, modified && look(pool, modified)),
		),
	]
}

type Judged = Omit<Verdict, "test">

interface Seen {
	pool: PoolView
	/** The run may still say more. */
	isGoing: boolean
	/** Why nothing more will come, where it did not end by itself. */
	cut?: string | undefined
}

function look(name: string, { view, run }: Rehearsal): Seen {
	const pool = view.pools.find((one) => one.pool === name) ?? { phases: [], files: [], commands: [], warnings: [] }
	if (view.interrupted) return { pool, isGoing: false, cut: "the run was interrupted on the appliance" }
	if (pool.outcome !== undefined) return { pool, isGoing: false, cut: cutOf(pool.reason) }
	const isOver = view.outcome !== undefined || run.state === "not-started" || run.state === "finished"
	const isLost = run.state === "lost" && run.retryAt === undefined
	if (!isOver && !isLost) return { pool, isGoing: true }
	const why = run.failure ? clause(sentenceOf(run.failure).what) : "the run ended before"
	return { pool, isGoing: false, cut: why }
}

function cutOf(reason: Reason | undefined): string | undefined {
	return reason && /^(the run|command) was cancelled/.test(reason.message) ? "it was cancelled" : undefined
}

function judgeClosure(seen: Seen): Judged {
	const { pool, isGoing, cut } = seen
	const reason = pool.reason
	const closure = last(pool, "closure")
	const checks = last(pool, "checks")
	if (closure?.ok === undefined) return open(seen, reason ? reasonText(reason) : "it did not come that far", reason)
	const isRed = !closure.ok || checks?.ok === false
	if (isRed && isGoing) return going()
	if (isRed) return cut === undefined ? failed(reason) : notProved(cut)
	// The checks that follow belong to it: whatever ended the pool there leaves it open.
	if (reason && ["closure", "checks", "confirm"].includes(reason.phase)) return notProved(cut ?? reasonText(reason))
	const isSure = last(pool, "restore") !== undefined
	if (!isSure) return open(seen, "it did not come that far")
	const commands = pool.commands.filter(({ phase }) => phase === "closure" || phase === "checks").length
	return passed(`${count(commands, "command")} passed with the new files in place`)
}

function judgeRestore(seen: Seen): Judged {
	const { pool } = seen
	const restore = last(pool, "restore")
	if (restore?.ok === undefined) return open(seen, untouchedWords(pool))
	if (!restore.ok && pool.outcome === undefined) return open(seen, "it did not come that far")
	if (!restore.ok) return failed({ ...(pool.reason ?? { message: "not every file is back" }), phase: "restore" })
	const files = pool.files.filter(({ actions }) => actions.some((action) => action !== "backed-up")).length
	return passed(`${count(files, "file")} compared with the backup: content, owner, mode and times are as before`)
}

function judgeReclosure(seen: Seen): Judged {
	const { pool } = seen
	const restore = last(pool, "restore")
	const reclosure = last(pool, "reclosure")
	if (restore?.ok === false) return notProved("not every file is back, so the closure proves nothing")
	if (reclosure?.ok === undefined) return open(seen, untouchedWords(pool))
	if (reclosure.ok) return passed("the closure passed again on the files as they were")
	return failed(commandReason(pool) ?? pool.reason)
}

function judgeModified(plain: Seen | undefined, seen: Seen | undefined): Judged {
	if (plain?.isGoing) return going()
	if (plain && plain.pool.outcome !== "applied") return notProved("the rehearsal before it did not pass")
	if (!seen) return notProved("it was not tried")
	const { pool, cut } = seen
	if (pool.outcome === undefined || cut !== undefined) return open(seen, "it did not come that far")
	const changed = pool.files.filter(({ actions }) => actions.includes("changed")).length
	if (pool.outcome === "applied" && changed > 0)
		return passed(`${count(changed, "file")} changed first; closure and way back passed, and the true files are back`)
	if (pool.outcome === "applied") return notProved(pool.warnings[0] ?? "there was no file to change")
	if (changed === 0) return notProved(pool.reason ? reasonText(pool.reason) : "no file was changed", pool.reason)
	return failed(pool.reason)
}

/** Not decided: either more will come, or nobody will know. */
function open({ isGoing, cut }: Seen, why: string, reason?: Reason): Judged {
	if (isGoing) return going()
	return cut === undefined ? notProved(why, reason) : notProved(cut)
}

function going(): Judged {
	return { state: "going", words: "Waiting" }
}

function passed(what: string): Judged {
	return { state: "passed", words: sentence(what) }
}

function notProved(why: string, reason?: Reason): Judged {
	return { state: "not-proved", words: sentence(why), reason }
}

function failed(reason: Reason | undefined): Judged {
	return { state: "failed", words: sentence(reasonText(reason)), reason }
}

/** Of repeated phases the first one that is not green, else the last. */
function last({ phases }: PoolView, phase: Phase): PhaseView | undefined {
	const all = phases.filter((one) => one.phase === phase)
	return all.find(({ ok }) => ok !== true) ?? all.at(-1)
}

/** The pool's own reason may be an earlier one; this is what failed on the way back. */
function commandReason({ commands }: PoolView): Reason | undefined {
	const red = commands.find((one) => one.phase === "reclosure" && one.finished && (one.exit !== 0 || one.timedOut))
	if (!red) return undefined
	const { command, exit, signal, timedOut } = red
	const output = textOf(red.output).split("\n").slice(-LAST_LINES).join("\n")
	return {
		phase: "reclosure",
		message: "command failed after the way back",
		command,
		output,
		...(exit !== undefined && { exit }),
		...(signal !== undefined && { signal }),
		...(timedOut !== undefined && { timedOut }),
	}
}

const LAST_LINES = 12

function untouchedWords({ reason }: PoolView): string {
	return reason ? `nothing was touched, so there was no way back: ${reasonText(reason)}` : "it did not come that far"
}

function clause(text: string): string {
	return text.replace(/[.!?]$/, "")
}
