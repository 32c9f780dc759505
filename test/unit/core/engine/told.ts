import { expect } from "vitest"
import { parseEvents } from "../../../../core/engine/events/event-text.ts"
import { historyOf } from "../../../../core/engine/events/history-of.ts"
import { readJournal } from "../../../../core/engine/journal/journal.ts"
import { makeLayout } from "../../../../core/engine/layout.ts"
import { logLinesOf } from "../../../../core/engine/log/log-lines.ts"
import { isKnownEvent, type RunEvent } from "../../../../core/schema/event.ts"
import { textAt } from "../../../fault/appliance.ts"
import type { MemoryBench } from "./memory-bench.ts"

/** What a run that has ended says of itself, in its events, journal, record and log, is one story told four times. */
export async function checkTold(bench: MemoryBench, run: string, logged: RunEvent[]): Promise<void> {
	const { journal: path, events: eventsPath, record } = makeLayout(bench.options.stateFolder).run(run)
	const read = (path: string) => textAt(bench.disk.inodes(), path) ?? ""
	const bytes = new TextEncoder().encode(read(eventsPath))
	const events = parseEvents(bytes).events.filter(isKnownEvent)
	expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
	checkOrder(events)

	const journal = (await readJournal(bench.host, path)) ?? []
	const { outcome, finalClosure, interrupted } = onlyOne(events, "run-finished")
	const closed = journal.at(-1)
	expect(closed).toEqual({
		...{ type: "run-closed", at: expect.any(String), outcome, finalClosure, interrupted },
		// What it says is proved with the chain: `chain/verify-history.test.ts`.
		seal: { number: expect.any(Number), digest: expect.any(String) },
	})
	const { outcome: final, why, reason } = onlyOne(events, "final-closure")
	expect({ outcome: final, why, reason }).toEqual({ why: undefined, reason: undefined, ...finalClosure })
	expect(why ?? reason?.message ?? "passed").not.toBe("")

	const ends = events.flatMap((event) => (event.type === "pool-finished" ? [event] : []))
	const isWorked = ({ outcome }: { outcome: string }) => outcome !== "skipped" && outcome !== "unchanged"
	const closedPools = journal.flatMap((record) => (record.type === "pool-closed" ? [record] : []))
	const endOf = ({ pool, outcome, reason }: (typeof ends)[number] | (typeof closedPools)[number]) => ({
		pool,
		outcome,
		reason,
	})
	expect(ends.filter(isWorked).map(endOf)).toEqual(closedPools.map(endOf))

	const { link, ...remembered } = JSON.parse(read(record))
	expect(remembered).toEqual(historyOf(events))
	expect(link).toMatchObject({ number: closed?.type === "run-closed" ? closed.seal?.number : 0 })
	const log = read(bench.options.logFile ?? "")
	for (const { message } of logged.flatMap((event) => logLinesOf(event, run))) expect(log).toContain(message)
}

/** The run's start first, then one end of each pool, at last the final closure and the run's end. */
function checkOrder(events: RunEvent[]): void {
	const steps = events.flatMap((event) => {
		if (event.type === "pool-started" || event.type === "pool-finished") return [`${event.type} ${event.pool}`]
		return /^(run|final)-/.test(event.type) ? [event.type] : []
	})
	expect(new Set(steps).size).toBe(steps.length)
	expect(steps[0]).toBe("run-started")
	expect(steps.slice(-2)).toEqual(["final-closure", "run-finished"])
	expect(steps.slice(1, -2).filter((step) => !step.startsWith("pool-"))).toEqual([])
	for (const [index, step] of steps.entries())
		if (step.startsWith("pool-started")) expect(steps[index + 1]).toBe(step.replace("started", "finished"))
}

function onlyOne<T extends RunEvent["type"]>(events: RunEvent[], type: T): Extract<RunEvent, { type: T }> {
	const found = events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type)
	expect(found).toHaveLength(1)
	return found[0] as Extract<RunEvent, { type: T }>
}
