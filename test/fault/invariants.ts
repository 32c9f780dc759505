import { isDeepStrictEqual } from "node:util"
import { isBlobSound } from "../../core/engine/backup/blobs.ts"
import { readManifest } from "../../core/engine/backup/manifest-file.ts"
import { readOriginal } from "../../core/engine/backup/originals.ts"
import { verifyHistory } from "../../core/engine/chain/verify-history.ts"
import { parseEvents } from "../../core/engine/events/event-text.ts"
import { readHistory } from "../../core/engine/history.ts"
import { parseJournal } from "../../core/engine/journal/journal-text.ts"
import type { JournalRecord } from "../../core/engine/journal/records.ts"
import { makeLayout } from "../../core/engine/layout.ts"
import { readState } from "../../core/engine/state/state-file.ts"
import { readStatus } from "../../core/engine/status.ts"
import type { AnyEvent } from "../../core/schema/event.ts"
import { historyRunSchema } from "../../core/schema/history.ts"
import { bytesAt, FILES, numberOf, options, STATE, textAt, times, treeOf } from "./appliance.ts"
import { type Inodes, last } from "./disk/inode.ts"
import type { Scenario } from "./scenarios.ts"
import { createSimulatedHost, type SimulatedHost } from "./simulated-host.ts"
import type { Told } from "./told.ts"

/** A promise that was not kept. */
export class Broken extends Error {}

/** What a scenario starts from and what it comes to when nothing goes wrong. */
export interface Truth {
	scenario: Scenario
	prepared: Inodes
	before: Record<string, string>
	after: Record<string, string>
}

const layout = makeLayout(STATE)

function look(inodes: Inodes): SimulatedHost {
	return createSimulatedHost(inodes, { now: times.recovery })
}

/**
 * Everything that DESIGN promises of an appliance on which nothing is under way: its files are all new or all as before,
 * and journal, events, history and state all say which. `degraded` is no end for a crash alone.
 */
export async function checkAppliance(truth: Truth, inodes: Inodes, told: Told, allowsDegraded = false): Promise<void> {
	const host = look(inodes)
	const ends = poolEnds(host, inodes, "run")
	const isDegraded = Object.values(ends).includes("degraded")
	if (isDegraded && !allowsDegraded) throw new Broken("a pool is degraded though no call failed")
	checkFiles(truth, inodes, ends)
	await checkOriginals(truth, inodes)
	await checkNewOriginals(truth, inodes, ends)
	if (isDegraded) await checkBackups(host, inodes, ends)
	else checkLeftovers(inodes, FILES)
	await checkStatus(host, inodes)
	await checkRuns(host, inodes)
	await checkChain(host, allowsDegraded)
	if (!allowsDegraded) for (const run of runsOf(inodes)) if (recordsOf(host, inodes, run)) checkReceipt(inodes, run)
	checkTold(inodes, told)
}

/** What a crash may not leave, whether or not anybody recovers: what was told, and what the journal says is on disk. */
export async function checkAfterCrash(inodes: Inodes, told: Told): Promise<void> {
	const host = look(inodes)
	const { interrupted } = await readStatus(host, options)
	for (const [run, events] of told) {
		if (events.at(-1)?.type === "run-finished" && interrupted.includes(run))
			throw new Broken(`the end of ${run} was told, and it counts as interrupted`)
	}
	for (const run of runsOf(inodes)) {
		if (recordsOf(host, inodes, run)?.at(-1)?.type === "run-closed") await checkClosed(host, inodes, run)
	}
}

/** `run-closed` says that originals, state, last event, record and receipt are on disk: whatever follows may rely on that. */
async function checkClosed(host: SimulatedHost, inodes: Inodes, run: string): Promise<void> {
	checkRecord(inodes, run)
	checkReceipt(inodes, run)
	if (eventsOf(inodes, run).at(-1)?.type !== "run-finished") throw new Broken(`${run} is closed without its last event`)
	const { state, isDamaged } = await readState(host, layout)
	if (isDamaged) throw new Broken(`${run} is closed and the state file is damaged`)
	if (!textAt(inodes, layout.state)) throw new Broken(`${run} is closed and there is no state file`)
	for (const [pool, outcome] of Object.entries(poolEnds(host, inodes, run))) {
		const found = state.modules.hotfix?.pools[pool]
		if (outcome === "applied" && found && !runsOf(inodes).includes(found.run))
			throw new Broken(`the state does not know ${run}`)
	}
}

function checkFiles({ scenario, before, after }: Truth, inodes: Inodes, ends: Record<string, string>): void {
	const tree = treeOf(inodes, FILES)
	for (const pool of ["p1", "p2"]) {
		const end = ends[pool] ?? "failed"
		if (end === "degraded") continue
		const wanted = below(end === "applied" && scenario.outcomes[pool] === "applied" ? after : before, pool)
		const found = below(tree, pool)
		for (const path of new Set([...Object.keys(wanted), ...Object.keys(found)])) {
			if (wanted[path] === found[path]) continue
			throw new Broken(`${pool} is ${end}: ${path} is ${found[path] ?? "missing"}, not ${wanted[path] ?? "missing"}`)
		}
	}
}

function below(tree: Record<string, string>, pool: string): Record<string, string> {
	const folder = `${FILES}/${pool}`
	return Object.fromEntries(Object.entries(tree).filter(([path]) => path === folder || path.startsWith(`${folder}/`)))
}

/** Where a person must look, everything that was there can still be had. */
async function checkBackups(host: SimulatedHost, inodes: Inodes, ends: Record<string, string>): Promise<void> {
	for (const record of recordsOf(host, inodes, "run") ?? []) {
		if (record.type !== "backup-complete" || ends[record.pool] !== "degraded") continue
		const read = await readManifest(host, layout, record.pool, "run", record.manifest)
		if ("fault" in read) throw new Broken(`${record.pool} is degraded: ${read.fault}`)
		for (const { before, destination } of read.manifest.entries) {
			if (before.kind === "file" && !(await isBlobSound(host, layout, before.digest)))
				throw new Broken(`${record.pool} is degraded and the backup of ${destination} is gone`)
		}
	}
}

export async function checkOriginals({ scenario }: Truth, inodes: Inodes): Promise<void> {
	for (const [name, content] of Object.entries(scenario.originals)) await checkOriginal(inodes, name, content)
}

async function checkNewOriginals({ scenario }: Truth, inodes: Inodes, ends: Record<string, string>): Promise<void> {
	for (const [name, content] of Object.entries(scenario.newOriginals)) {
		if (ends[name.slice(0, 2)] === "applied") await checkOriginal(inodes, name, content)
	}
}

async function checkOriginal(inodes: Inodes, name: string, content: string | undefined): Promise<void> {
	const original = await readOriginal(look(inodes), layout, `${FILES}/${name}`).catch((error: unknown) => {
		throw new Broken(`the customer's original of ${name} cannot be read: ${error}`)
	})
	if (content === undefined && original?.snapshot.kind === "absent") return
	const digest = original?.snapshot.kind === "file" ? original.snapshot.digest : undefined
	const found = digest && textAt(inodes, layout.blob(digest))
	if (found === undefined || found !== content)
		throw new Broken(`the customer's original of ${name} is ${found ?? "missing"}`)
}

/** In the state folder, what a run that was cut short in its clearing up leaves goes with the next one's. */
export function checkLeftovers(inodes: Inodes, folder: string): void {
	const isLeft = (path: string) => path.includes("/.") || path.includes(".damaged-")
	const left = pathsBelow(inodes, folder).filter(isLeft)
	if (left.length > 0) throw new Broken(`left over: ${left.join(", ")}`)
}

function pathsBelow(inodes: Inodes, path: string, number = numberOf(inodes, path)): string[] {
	const inode = number === undefined ? undefined : inodes.get(number)
	if (inode?.kind !== "folder") return [path]
	return [...inode.names].flatMap(([name, history]) => {
		const inside = last(history)
		return inside === undefined ? [] : pathsBelow(inodes, `${path}/${name}`, inside)
	})
}

/** The state file says what the journals say, and nothing is under way. */
async function checkStatus(host: SimulatedHost, inodes: Inodes): Promise<void> {
	const status = await readStatus(host, options)
	if (status.running) throw new Broken(`${status.running.run} is still running`)
	if (status.interrupted.length > 0) throw new Broken(`still interrupted: ${status.interrupted.join(", ")}`)
	const { state } = await readState(host, layout)
	const other = look(inodes)
	if (!textAt(inodes, layout.state)) return
	await other.disk.remove(layout.state)
	const { state: made } = await readState(other, layout)
	if (!isDeepStrictEqual(state, made))
		throw new Broken(`state is ${JSON.stringify(state)}, the journals say ${JSON.stringify(made)}`)
}

/** Every run that was begun has an end, and its events tell it from beginning to end, numbered without a gap. */
async function checkRuns(host: SimulatedHost, inodes: Inodes): Promise<void> {
	const history = await readHistory(host, options)
	for (const { run, state } of history) if (state !== "finished") throw new Broken(`history: ${run} is ${state}`)
	for (const run of runsOf(inodes)) {
		const records = recordsOf(host, inodes, run)
		if (!records) {
			if (history.some((entry) => entry.run === run)) throw new Broken(`${run} is in history without a journal`)
			continue
		}
		if (records.at(-1)?.type !== "run-closed") throw new Broken(`${run} has no end`)
		checkRecord(inodes, run)
		const events = eventsOf(inodes, run)
		const types = [events[0]?.type, events.at(-1)?.type].join(" ... ")
		if (types !== "run-started ... run-finished") throw new Broken(`the events of ${run} are ${types}`)
		const ends = events.flatMap((event) => (event.type === "pool-finished" ? [[event.pool, event.outcome]] : []))
		const closed = Object.entries(poolEnds(host, inodes, run))
		if (!isDeepStrictEqual(ends, closed)) throw new Broken(`${run}: events say ${ends}, the journal says ${closed}`)
		const started = events.flatMap((event) => (event.type === "pool-started" ? [String(event.pool)] : []))
		const lost = started.filter((pool) => !closed.some(([id]) => id === pool))
		if (lost.length > 0) throw new Broken(`${run}: ${lost} was begun and has no end`)
	}
}

/**
 * Nobody changed the history, so nobody may be told so; and each run that has ended is in the chain, unless a call failed: a
 * journal that could not be read may be the newest, and no number is given twice.
 */
async function checkChain(host: SimulatedHost, hasFailed: boolean): Promise<void> {
	const { faults, notChained, open } = await verifyHistory(host, options)
	const outside = hasFailed ? [] : notChained.map((run) => `${run} is not chained`)
	const wrong = [...faults, ...outside, ...open.map((run) => `${run} is open`)]
	if (wrong.length > 0) throw new Broken(`the history's chain: ${wrong.join("; ")}`)
}

/** A receipt may be missing only where a call failed, which the log tells. */
function checkReceipt(inodes: Inodes, run: string): void {
	const text = textAt(inodes, layout.run(run).receipt)
	if (!text?.startsWith("Run ") || !text.endsWith("does the same.\n"))
		throw new Broken(`the receipt of ${run}, which has ended, is ${text === undefined ? "missing" : "damaged"}`)
}

function checkRecord(inodes: Inodes, run: string): void {
	const text = textAt(inodes, layout.run(run).record)
	try {
		historyRunSchema.parse(JSON.parse(text ?? ""))
	} catch {
		throw new Broken(`the record of ${run}, which has ended, is ${text === undefined ? "missing" : "damaged"}`)
	}
}

/** Whatever was told is still so: no event was given another number, no pool another end. */
export function checkTold(inodes: Inodes, told: Told): void {
	const host = look(inodes)
	for (const [run, events] of told) {
		const now = eventsOf(inodes, run)
		for (const event of events) {
			if (!isDeepStrictEqual(now[event.seq - 1], event))
				throw new Broken(`${run}: event ${event.seq} was told as ${event.type}, and is ${now[event.seq - 1]?.type}`)
			const end = event.type === "pool-finished" ? poolEnds(host, inodes, run)[event.pool] : undefined
			if (event.type === "pool-finished" && end !== event.outcome)
				throw new Broken(`${run}: ${event.pool} was told to be ${event.outcome}, and is ${end}`)
		}
	}
}

function runsOf(inodes: Inodes): string[] {
	const inode = inodes.get(numberOf(inodes, layout.runs) ?? 0)
	return inode?.kind === "folder" ? [...inode.names].flatMap(([name, history]) => (last(history) ? [name] : [])) : []
}

const parsedEvents = new WeakMap<Uint8Array, AnyEvent[]>()

function eventsOf(inodes: Inodes, run: string): AnyEvent[] {
	const bytes = bytesAt(inodes, layout.run(run).events) ?? nothing
	const events = parsedEvents.get(bytes) ?? parseEvents(bytes).events
	parsedEvents.set(bytes, events)
	return events
}

const parsedRecords = new WeakMap<Uint8Array, JournalRecord[]>()

function recordsOf(host: SimulatedHost, inodes: Inodes, run: string): JournalRecord[] | undefined {
	const bytes = bytesAt(inodes, layout.run(run).journal) ?? nothing
	const records = parsedRecords.get(bytes) ?? parseJournal(host, bytes).records
	parsedRecords.set(bytes, records)
	return records[0]?.type === "run-open" ? records : undefined
}

const nothing = new Uint8Array()

/** How each pool ended, by the run's journal. */
function poolEnds(host: SimulatedHost, inodes: Inodes, run: string): Record<string, string> {
	const records = recordsOf(host, inodes, run) ?? []
	return Object.fromEntries(
		records.flatMap((record) => (record.type === "pool-closed" ? [[record.pool, record.outcome]] : [])),
	)
}
