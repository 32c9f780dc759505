import { recoverRuns } from "../../core/engine/recover.ts"
import type { RunEvent } from "../../core/schema/event.ts"
import { FailureError } from "../../core/schema/failure.ts"
import { FILES, JOURNAL, options, STATE, textAt, times, treeOf } from "./appliance.ts"
import type { Inodes } from "./disk/inode.ts"
import type { Sync } from "./disk/simulated-disk.ts"
import { type BeforeCall, withFaults } from "./faults.ts"
import { Broken, checkLeftovers, checkOriginals, type Truth } from "./invariants.ts"
import type { Scenario } from "./scenarios.ts"
import { createSimulatedHost, type SimulatedHost } from "./simulated-host.ts"
import { addTold, type Told } from "./told.ts"

/** An appliance at one moment, and what was told of it. */
export interface Moment {
	inodes: Inodes
	told: Told
}

/** A sync, and where in a scenario it is asked for. */
export interface ProcessSync extends Sync {
	process: "step" | "recovery"
	/** Of this path in this process, counted from 1. */
	nth: number
	/** The phase that was begun last. */
	phase: string | undefined
	/** The type of the last record in a journal that is synced. */
	lastRecord: string | undefined
}

export interface ProcessOptions {
	/** Called before each single change of the disk. */
	onMoment?(moment: Moment): void
	/** A sync that is told to be done, and is not. */
	ignores?(sync: ProcessSync): boolean
	/** Called before each call of the host; throws for one that shall fail. */
	beforeCall?: BeforeCall
}

/** The scenario's own step, to its end. */
export function runStep(scenario: Scenario, moment: Moment, process: ProcessOptions = {}): Promise<Moment> {
	return run(scenario, moment, times.step, process, (host, onEvent) => scenario.step(host, onEvent))
}

/** One recovery, to its end. */
export function runRecovery(scenario: Scenario, moment: Moment, process: ProcessOptions = {}): Promise<Moment> {
	return run(scenario, moment, times.recovery, process, (host, onEvent) => recoverRuns(host, options, { onEvent }))
}

async function run(
	scenario: Scenario,
	moment: Moment,
	now: number,
	{ onMoment, ignores, beforeCall }: ProcessOptions,
	step: (host: SimulatedHost, onEvent: (event: RunEvent) => void) => Promise<unknown>,
): Promise<Moment> {
	let { told } = moment
	const host: SimulatedHost = createSimulatedHost(moment.inodes, {
		now,
		commands: scenario.commands,
		beforeChange: () => onMoment?.({ inodes: host.disk.inodes(), told }),
		...(ignores ? { ignores: (sync) => ignores(locate(sync)) } : {}),
	})
	const counts = new Map<string, number>()
	const locate = (sync: Sync): ProcessSync => {
		const nth = (counts.get(sync.path) ?? 0) + 1
		counts.set(sync.path, nth)
		const journal = textAt(host.disk.inodes(), JOURNAL) ?? ""
		const phase = [...journal.matchAll(/"type":"phase".*?"phase":"([\w-]+)"/g)].at(-1)?.[1]
		const isJournal = sync.path.endsWith("/journal.jsonl")
		const lastRecord = isJournal ? [...journal.matchAll(/{"type":"([\w-]+)"/g)].at(-1)?.[1] : undefined
		return { ...sync, process: now === times.recovery ? "recovery" : "step", nth, phase, lastRecord }
	}
	const running = step(beforeCall ? withFaults(host, beforeCall) : host, (event) => {
		told = addTold(told, event)
	})
	// Where a call failed, the engine itself may have had to give up; what it leaves is what counts.
	await (beforeCall ? running.catch(requireFailure) : running)
	return { inodes: host.disk.inodes(), told }
}

/** Whatever stops the engine, it says so in its own words. */
function requireFailure(error: unknown): void {
	if (!(error instanceof FailureError)) throw error
}

/** The appliance goes on: one more run comes to what it always comes to, and clears up what others left. */
export async function checkNext({ scenario, ...truth }: Truth, moment: Moment): Promise<void> {
	const next = (host: SimulatedHost, onEvent: (event: RunEvent) => void) => scenario.next(host, onEvent)
	const { inodes, told } = await run(scenario, moment, times.next, {}, next)
	const ends = endsOf(told, "next")
	if (ends.length === 0) throw new Broken("the next run did not begin")
	// What a person must look at first may go on failing.
	const wasDegraded = endsOf(moment.told, "run").some((end) => end.includes(" degraded "))
	if (wasDegraded) return checkOriginals({ scenario, ...truth }, inodes)
	for (const [pool, outcome] of Object.entries(scenario.nextOutcomes)) {
		if (!ends.some((end) => end.startsWith(`${pool} ${outcome}`))) throw new Broken(`the next run: ${ends}`)
	}
	for (const folder of [FILES, STATE]) checkLeftovers(inodes, folder)
	await checkOriginals({ scenario, ...truth }, inodes)
}

function endsOf(told: Told, run: string): string[] {
	return (told.get(run) ?? []).flatMap((event) =>
		event.type === "pool-finished" ? [`${event.pool} ${event.outcome} ${event.reason?.message ?? ""}`] : [],
	)
}

/** Runs a scenario with nothing going wrong, and makes sure that it comes to what it should. */
export async function findTruth(scenario: Scenario): Promise<Truth> {
	const prepared = await scenario.prepare()
	const { inodes, told } = await runStep(scenario, { inodes: prepared, told: new Map() })
	const ends = endsOf(told, "run")
	for (const [pool, outcome] of Object.entries(scenario.outcomes)) {
		if (!ends.some((end) => end.startsWith(`${pool} ${outcome}`))) throw new Broken(`without any fault: ${ends}`)
	}
	for (const [name, content] of Object.entries(scenario.contents)) {
		const found = textAt(inodes, `${FILES}/${name}`)
		if (found !== content) throw new Broken(`without any fault: ${name} is ${found}, not ${content}`)
	}
	return { scenario, prepared, before: treeOf(prepared, FILES), after: treeOf(inodes, FILES) }
}
