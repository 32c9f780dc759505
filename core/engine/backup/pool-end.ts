import type { RunKind } from "../../schema/event.ts"
import type { PoolOutcome } from "../../schema/outcome.ts"
import type { Host } from "../host.ts"
import { readJournal } from "../journal/journal.ts"
import type { RunOpen } from "../journal/records.ts"
import { type Layout, runIdPattern } from "../layout.ts"

export interface PoolEnd extends Pick<RunOpen, "turn"> {
	kind: RunKind
	outcome: PoolOutcome
}

/** How a pool ended in a run, by that run's journal; undefined when it has not ended, or nobody can tell. */
export async function readPoolEnd(host: Host, layout: Layout, pool: string, run: string): Promise<PoolEnd | undefined> {
	const records = runIdPattern.test(run) ? await readJournal(host, layout.run(run).journal) : undefined
	const open = records?.[0]
	const closed = records?.find((record) => record.type === "pool-closed" && record.pool === pool)
	if (open?.type !== "run-open" || closed?.type !== "pool-closed") return undefined
	return { kind: open.kind, outcome: closed.outcome, ...(open.turn === undefined ? {} : { turn: open.turn }) }
}

/** Whether what the pool wrote may stand there afterwards: every other end was verified to be as before. */
export function hasLeftFiles({ kind, outcome }: PoolEnd): boolean {
	return outcome === "degraded" || (outcome === "applied" && kind !== "rehearse")
}
