import type { FileAction, RunKind } from "./event.ts"
import type { Phase, PoolOutcome, Reason } from "./outcome.ts"
import { butLeft, outcomeSentence, phaseName, reasonText, stillStands, wasUntouched } from "./outcome-sentences.ts"
import { plainText } from "./plain-text.ts"
import { DEFAULT_STATE_FOLDER } from "./state-folder.ts"

/** How a pool ended, as its run tells it. Without events, `phases` and `files` are empty. */
export interface EndedPool {
	outcome: PoolOutcome
	reason?: Reason | undefined
	kind: RunKind
	phases: readonly { phase: Phase; ok?: boolean | undefined }[]
	files: readonly { actions: readonly FileAction[] }[]
}

/** One answer to each question of somebody who was woken for it. */
export interface Ending {
	/** What is on the appliance now. */
	now: string
	/** Why it is not what was asked for. */
	why?: string
	/** What was put back, and how that is known. */
	back?: string
	/** What to do next. */
	next?: string
}

export function endingOf(pool: EndedPool): Ending {
	const { outcome, kind } = pool
	if (outcome === "failed") return { ...failedEnding(pool), why: whyOf(pool.reason), next: nextOf(pool.reason, kind) }
	if (outcome !== "degraded") return { now: outcomeSentence(outcome, undefined, kind) }
	return {
		now: `Nobody knows for certain: it is neither verified to be as it was, nor ${kind === "revert" ? "put back" : "fixed"}.`,
		why: whyOf(pool.reason),
		back: degradedBack(pool),
		next: "Look at this appliance now, before anything else is run on it. What is wrong, and the way back, is below.",
	}
}

function failedEnding(pool: EndedPool): Pick<Ending, "now" | "back"> {
	if (pool.kind === "revert") return failedRevert(pool)
	if (isUntouched(pool)) return { now: "The appliance is as it was: nothing was touched." }
	return {
		now: `The appliance is as it was before the run${butLeft(pool.reason)}.`,
		back: `${putBackWords(pool.files)}, verified against the backup; then the closure passed.`,
	}
}

/** What it had changed is undone: what it should have taken away is there again. */
function failedRevert(pool: EndedPool): Pick<Ending, "now" | "back"> {
	if (isUntouched(pool)) return { now: `It was not put back: ${stillStands(undefined)}; nothing was touched.` }
	return {
		now: `It could not be put back: ${stillStands(pool.reason)}.`,
		back: `${putBackWords(pool.files)}, as the earlier run had left it, verified against the backup; then the closure passed.`,
	}
}

/** Nothing is written before `apply`; a run may be cancelled just before it. */
function isUntouched({ phases, reason }: EndedPool): boolean {
	return wasUntouched(reason) || (phases.length > 0 && !phases.some(({ phase }) => phase === "apply"))
}

function putBackWords(files: EndedPool["files"]): string {
	const ended = (action: FileAction) => files.filter(({ actions }) => actions.includes(action)).length
	const parts = [
		countOf(ended("restored"), "file put back", "files put back"),
		countOf(ended("removed"), "new file removed", "new files removed"),
	].filter((part) => part !== "")
	return parts.length === 0 ? "Everything was put back" : parts.join(" and ")
}

function countOf(count: number, one: string, many: string): string {
	return count === 0 ? "" : `${count} ${count === 1 ? one : many}`
}

function degradedBack({ phases }: EndedPool): string {
	const endOf = (phase: Phase) => phases.findLast((one) => one.phase === phase)?.ok
	if (endOf("restore") === true && endOf("reclosure") === false)
		return "Every file is back and verified, but the closure failed on them too: the service may not run, and may not have run before either."
	if (endOf("restore") === false) return "Not everything could be put back. What could not is named below."
	return "How far the way back came is not known."
}

/** The runner has no code for these two; it has always said them with these words. */
const CANCELLED = /^(the run|command) was cancelled/
const INTERRUPTED = "the run was interrupted"

function whyOf(reason: Reason | undefined): string {
	if (!reason) return "No reason was told."
	if (CANCELLED.test(reason.message)) return `It was cancelled ${whereOf(reason)}.`
	if (reason.message === INTERRUPTED)
		return `The run was cut off ${whereOf(reason)}: its program or the appliance went down.`
	const text = reasonText(reason)
	return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

function whereOf({ phase, command }: Reason): string {
	return `in phase “${phaseName(phase)}”${command === undefined ? "" : `, at “${plainText(command)}”`}`
}

const AGAIN = "run again: only what is not applied is tried."
const agains: Record<RunKind, string> = {
	apply: AGAIN,
	rehearse: "rehearse again.",
	revert: "put it back again.",
	recover: AGAIN,
}

const nexts: Record<Phase, string> = {
	preflight: "Mend what is named here, on the appliance or in the module",
	baseline: "It was broken before this run: repair that first, or mend the check",
	backup: "Without a complete backup nothing is written: clear what stood in its way",
	apply: "Clear what refused the new files",
	closure: "Read the last output below, mend the module or the appliance",
	checks: "The fix did not cure what the checks look at: mend the module, publish a new version",
	confirm: "After the change nobody could connect anew, so this fix would have locked you out: mend the module",
	restore: "Clear what the way back met",
	reclosure: "Clear what the way back met",
	"final-closure": "Read the last output below and look at the appliance",
}

/** Nothing of a module is used to put a pool back: files and closure come from the appliance's own backup. */
const revertNexts: Partial<Record<Phase, string>> = {
	preflight: "Mend what is named here, on the appliance",
	apply: "Clear what refused the files from before",
	closure: "The closure fails on what stood before: read the last output below, mend the appliance",
}

function nextOf(reason: Reason | undefined, kind: RunKind): string {
	const again = agains[kind]
	if (!reason) return `Look into its record, then ${again}`
	if (CANCELLED.test(reason.message)) return `When you want it after all, ${again}`
	if (reason.message === INTERRUPTED) return `Find out why it went down (power, reboot, memory), then ${again}`
	const next = (kind === "revert" ? revertNexts[reason.phase] : undefined) ?? nexts[reason.phase]
	return `${next}, then ${again}`
}

/** What a person does by hand about a degraded pool, in this order; `copy`: what is pasted into a shell there. */
export interface HandStep {
	text: string
	copy?: string
}

type Address = { user: string; host: string; port: number }

function onOf({ user, host, port }: Address): string {
	return `${user}@${host.includes(":") ? `[${host}]` : host}${port === 22 ? "" : `:${port}`}`
}

export function degradedSteps(pool: string, run: string | undefined, appliance: Address | undefined): HandStep[] {
	const on = appliance ? onOf(appliance) : "HOST"
	const backups = `${DEFAULT_STATE_FOLDER}/backups`
	const where = {
		text: `The backup is kept. Its manifest names each file and its content, which lies in ${backups}/blobs:`,
	}
	return [
		{
			text: "Sign in to the appliance as root and clear what stands in the way, named above (a full disk, a file that nobody may change …).",
		},
		run === undefined ? where : { ...where, copy: `${backups}/pools/${pool}/${run}/manifest.json` },
		...(run === undefined
			? []
			: [
					{
						text: "Then have the pool put back from it, on this desktop:",
						copy: `hotfix revert --on ${on} --pool ${pool} --run ${run}`,
					},
				]),
		{ text: "Or copy the files back by hand, and run the commands of the closure until they pass." },
	]
}

/** What to do about a run as a whole that did not end well; empty when there is nothing to do. */
export function runAdvice(
	{ outcome, kind }: { outcome: PoolOutcome; kind: RunKind },
	finalClosureFailed: boolean,
	appliance: string,
): string {
	if (outcome === "degraded")
		return `Look at ${appliance} now: a pool could not be verified back. Its backup stays on the appliance.`
	if (outcome === "failed") return failedAdvice(kind)
	if (finalClosureFailed)
		return "The pools stay applied, nothing is rolled back. See below which command failed, and look at the appliance."
	return ""
}

function failedAdvice(kind: RunKind): string {
	if (kind === "revert")
		return `What the earlier run left there still stands. See why below, clear what stood in the way, and ${agains.revert}`
	return `What failed is as it was before. See why below, mend the module or the appliance, and ${agains[kind]}`
}

export const RECOVERED = "Its program or the appliance went down in the middle; a later recovery ended the run."
