import { type AnyEvent, type FileAction, isKnownEvent, type RunEvent, type RunKind } from "../../core/schema/event.ts"
import type { FinalClosure, Phase, PoolOutcome, Reason } from "../../core/schema/outcome.ts"
import { appendOutput, emptyLog, type OutputLog } from "./output-log.ts"

export interface PhaseView {
	phase: Phase
	startedAt: string
	ok?: boolean
	durationMs?: number
}

export interface FileView {
	destination: string
	/** What was done to it, in order. */
	actions: FileAction[]
	size?: number
}

export interface CommandView {
	/** Unique within the run: pool, phase, index, and how often that was before (a rehearsal may close again twice). */
	key: string
	phase: Phase
	index: number
	command: string
	startedAt: string
	finished: boolean
	exit?: number
	signal?: string
	timedOut?: boolean
	durationMs?: number
	output: OutputLog
}

export interface PoolView {
	/** Undefined for the final closure. */
	pool?: string
	startedAt?: string
	phases: PhaseView[]
	files: FileView[]
	commands: CommandView[]
	/** What a person should know that stopped nothing. */
	warnings: string[]
	outcome?: PoolOutcome
	reason?: Reason
	durationMs?: number
}

/** A run as its events tell it. */
export interface RunView {
	seq: number
	kind?: RunKind
	startedAt?: string
	finishedAt?: string
	pools: PoolView[]
	/** Phase and commands of the final closure, once it has begun. */
	final?: PoolView
	finalClosure?: FinalClosure
	outcome?: PoolOutcome
	interrupted?: boolean
	/** Warnings about the run as a whole. */
	warnings: string[]
	/** Names of events that this program does not know. */
	unknown: string[]
}

export const emptyRun: RunView = { seq: 0, pools: [], warnings: [], unknown: [] }
export const emptyPool: PoolView = { phases: [], files: [], commands: [], warnings: [] }

/** The view after one event; events it already holds are dropped, unknown ones are remembered by name. */
export function applyRunEvent(view: RunView, event: AnyEvent): RunView {
	if (event.seq <= view.seq) return view
	const next = { ...view, seq: event.seq }
	if (!isKnownEvent(event)) return { ...next, unknown: [...new Set([...view.unknown, event.type])] }
	return { ...next, ...changedPart(next, event) }
}

function changedPart(view: RunView, event: RunEvent): Partial<RunView> {
	switch (event.type) {
		case "run-started":
			return {
				kind: event.kind,
				startedAt: event.time,
				pools: event.pools.map((pool) => ({ ...emptyPool, pool })),
			}
		case "final-closure":
			return { finalClosure: { outcome: event.outcome, why: event.why, reason: event.reason } }
		case "run-finished":
			return {
				outcome: event.outcome,
				finishedAt: event.time,
				interrupted: event.interrupted,
				finalClosure: event.finalClosure ?? view.finalClosure,
			}
		case "heartbeat":
			return {}
		case "warning":
			return event.pool === undefined
				? { warnings: [...view.warnings, event.message] }
				: changePool(view, event.pool, (pool) => ({ ...pool, warnings: [...pool.warnings, event.message] }))
		default:
			return changePool(view, event.pool, (pool) => applyPoolEvent(pool, event))
	}
}

function changePool(view: RunView, name: string | undefined, change: (pool: PoolView) => PoolView): Partial<RunView> {
	if (name === undefined) return { final: change(view.final ?? emptyPool) }
	if (!view.pools.some((one) => one.pool === name)) {
		return { pools: [...view.pools, change({ ...emptyPool, pool: name })] }
	}
	return { pools: view.pools.map((one) => (one.pool === name ? change(one) : one)) }
}

type PoolEvent = Exclude<RunEvent, { type: "run-started" | "final-closure" | "run-finished" | "heartbeat" | "warning" }>

function applyPoolEvent(pool: PoolView, event: PoolEvent): PoolView {
	switch (event.type) {
		case "pool-started":
			return { ...pool, startedAt: event.time }
		case "phase-started":
			return { ...pool, phases: [...pool.phases, { phase: event.phase, startedAt: event.time }] }
		case "phase-finished":
			return { ...pool, phases: pool.phases.map((one) => (isOpen(one, event.phase) ? finishPhase(one, event) : one)) }
		case "file":
			return { ...pool, files: putFile(pool.files, event) }
		case "command-started":
			return { ...pool, commands: [...pool.commands, makeCommand(pool, event)] }
		case "command-output":
			return changeCommand(pool, event, (one) => ({
				...one,
				output: appendOutput(one.output, event.stream, event.text, event.cutBytes),
			}))
		case "command-finished":
			return changeCommand(pool, event, (one) => finishCommand(one, event))
		case "pool-finished":
			return { ...pool, outcome: event.outcome, reason: event.reason, durationMs: event.durationMs }
	}
}

function isOpen(view: PhaseView, phase: Phase): boolean {
	return view.phase === phase && view.ok === undefined
}

function finishPhase(view: PhaseView, event: { ok: boolean; durationMs: number }): PhaseView {
	return { ...view, ok: event.ok, durationMs: event.durationMs }
}

function putFile(files: FileView[], event: Extract<RunEvent, { type: "file" }>): FileView[] {
	const known = files.find((file) => file.destination === event.destination)
	if (!known) return [...files, { destination: event.destination, actions: [event.action], size: event.size }]
	const next = { ...known, actions: [...known.actions, event.action], size: event.size ?? known.size }
	return files.map((file) => (file === known ? next : file))
}

type CommandEvent = Extract<RunEvent, { type: "command-started" | "command-output" | "command-finished" }>

function isOf(command: CommandView, { phase, index }: Pick<CommandEvent, "phase" | "index">): boolean {
	return command.phase === phase && command.index === index
}

function makeCommand(pool: PoolView, event: Extract<RunEvent, { type: "command-started" }>): CommandView {
	const before = pool.commands.filter((command) => isOf(command, event)).length
	return {
		key: JSON.stringify([event.pool ?? null, event.phase, event.index, before]),
		phase: event.phase,
		index: event.index,
		command: event.command,
		startedAt: event.time,
		finished: false,
		output: emptyLog,
	}
}

function changeCommand(pool: PoolView, event: CommandEvent, change: (command: CommandView) => CommandView): PoolView {
	const running = pool.commands.findLast((command) => isOf(command, event))
	return { ...pool, commands: pool.commands.map((one) => (one === running ? change(one) : one)) }
}

function finishCommand(command: CommandView, event: Extract<RunEvent, { type: "command-finished" }>): CommandView {
	const { exit, signal, timedOut, durationMs } = event
	const noted = event.cutBytes ? appendOutput(command.output, "stdout", "", event.cutBytes) : command.output
	return { ...command, finished: true, exit, signal, timedOut, durationMs, output: noted }
}

/** The phase a pool is in now; undefined before its first and after its last. */
export function openPhase(pool: PoolView): PhaseView | undefined {
	return pool.outcome ? undefined : pool.phases.findLast((phase) => phase.ok === undefined)
}
