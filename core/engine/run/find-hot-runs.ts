import { sideBySide } from "../disk/side-by-side.ts"
import { hasLostBeginning, readJournal } from "../journal/journal.ts"
import { byTurn, type JournalRecord } from "../journal/records.ts"
import { readRunNames } from "../run-names.ts"
import { readCheckpoint } from "../state/checkpoint.ts"
import type { Base } from "./open-run.ts"

/**
 * Runs whose journal has a beginning and no end, oldest first. One that never got a beginning touched nothing. What the
 * checkpoint knows to have ended is not looked at again, so that this costs the same after 2,000 runs as after 20.
 */
export async function findHotRuns({ host, layout }: Pick<Base, "host" | "layout">): Promise<string[]> {
	const ended = new Set((await readCheckpoint(host, layout))?.runs)
	const runs = (await readRunNames(host, layout)).filter((run) => !ended.has(run))
	const found = await sideBySide(runs, async (run) => {
		const { journal, record } = layout.run(run)
		const records = await readJournal(host, journal)
		const open = records?.[0]
		// Nobody knows what it had begun, so nothing may begin before a person has looked; one with a record had ended.
		const isLost = !records && (await hasLostBeginning(host, journal)) && !(await host.disk.lstat(record))
		if (isLost) return [{ run, open: { at: "" } }]
		return records && open?.type === "run-open" && !isClosed(records) ? [{ run, open }] : []
	})
	return found
		.flat()
		.sort((a, b) => byTurn(a.open, b.open))
		.map(({ run }) => run)
}

export function isClosed(records: readonly JournalRecord[]): boolean {
	return records.some((record) => record.type === "run-closed")
}
