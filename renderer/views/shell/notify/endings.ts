import type { DesktopRun } from "../../../../core/schema/desktop.ts"
import { count } from "../../../components/format.ts"
import { lookOfRun } from "../../../components/outcome.tsx"
import { isEnded } from "../../../stores/desktop.ts"

/** A shorter one ends before anybody has looked away, milliseconds. */
const LONG_MS = 30_000

export interface Ending {
	batch: string
	/** How many ended how: "2 applied; 1 failed, put back". */
	title: string
	text: string
}

/** Long runs, started together, of which the last one has ended between these two moments. */
export function endingsOf(before: readonly DesktopRun[], now: readonly DesktopRun[]): Ending[] {
	const open = new Set(before.filter((run) => !isEnded(run)).map(({ id }) => id))
	const batches = new Set(now.filter((run) => open.has(run.id) && isEnded(run)).map(({ batch }) => batch))
	return [...batches].flatMap((batch) => endingOf(now.filter((run) => run.batch === batch)) ?? [])
}

function endingOf(runs: readonly DesktopRun[]): Ending | undefined {
	const [first] = runs
	if (!first || !runs.every(isEnded) || lengthOf(runs) < LONG_MS) return undefined
	const where = runs.length === 1 ? first.applianceName : count(runs.length, "appliance")
	return { batch: first.batch, title: wordsOf(runs), text: `${first.module.name} ${first.module.version} on ${where}` }
}

function lengthOf(runs: readonly DesktopRun[]): number {
	const begins = runs.map(({ startedAt }) => Date.parse(startedAt))
	const ends = runs.map(({ startedAt, finishedAt }) => Date.parse(finishedAt ?? startedAt))
	return Math.max(...ends) - Math.min(...begins)
}

function wordsOf(runs: readonly DesktopRun[]): string {
	const words = runs.map((run) => lookOfRun(run).word)
	if (words.length === 1) return words.join()
	const each = [...new Set(words)].map((word) => {
		const number = words.filter((one) => one === word).length
		return `${number} ${word.charAt(0).toLowerCase()}${word.slice(1)}`
	})
	return each.join("; ")
}
