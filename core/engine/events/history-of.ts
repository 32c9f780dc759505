import type { AnyEvent, RunEvent } from "../../schema/event.ts"
import { isKnownEvent } from "../../schema/event.ts"
import type { HistoryCommand, HistoryPool, HistoryRun } from "../../schema/history.ts"
import { originOf } from "../journal/records.ts"

/** A run as history remembers it, from its events; undefined when they do not begin with its start. */
export function historyOf(events: AnyEvent[]): HistoryRun | undefined {
	return events.filter(isKnownEvent).reduce<HistoryRun | undefined>(addEvent, undefined)
}

/** The history after one more event. Changes `run` itself: a run has thousands of them. */
export function addEvent(run: HistoryRun | undefined, event: RunEvent): HistoryRun | undefined {
	if (event.type === "run-started") return startRun(event)
	if (!run) return undefined
	switch (event.type) {
		case "pool-started":
			poolOf(run, event.pool)
			break
		case "phase-finished": {
			const { phase, ok, durationMs } = event
			if (event.pool !== undefined) poolOf(run, event.pool).phases.push({ phase, ok, durationMs })
			break
		}
		case "file":
			addFile(run, event)
			break
		case "command-started":
			commandsOf(run, event.pool).push({ phase: event.phase, command: event.command, durationMs: 0 })
			break
		case "command-finished":
			finishCommand(run, event)
			break
		case "pool-finished": {
			const { outcome, reason, durationMs = 0, time: finishedAt } = event
			Object.assign(poolOf(run, event.pool), { outcome, durationMs, finishedAt }, reason ? { reason } : {})
			break
		}
		case "final-closure": {
			const { outcome, why, reason } = event
			run.finalClosure = { outcome, ...(why === undefined ? {} : { why }), ...(reason ? { reason } : {}) }
			break
		}
		case "run-finished":
			run.state = "finished"
			run.outcome = event.outcome
			run.finishedAt = event.time
			if (event.interrupted) run.interrupted = true
			if (event.finalClosure) run.finalClosure = event.finalClosure
			break
	}
	return run
}

function startRun(event: Extract<RunEvent, { type: "run-started" }>): HistoryRun {
	const { run, kind, module, time: startedAt } = event
	return { run, kind, module, startedAt, ...originOf(event), state: "open", pools: [] }
}

/** A pool that is still open counts as failed: that is what recovery makes of it. */
function poolOf(run: HistoryRun, pool: string): HistoryPool {
	const found = run.pools.find((entry) => entry.pool === pool)
	if (found) return found
	const made: HistoryPool = { pool, outcome: "failed", phases: [], files: [], commands: [], durationMs: 0 }
	run.pools.push(made)
	return made
}

/** Of a pool, or of the final closure. */
function commandsOf(run: HistoryRun, pool: string | undefined): HistoryCommand[] {
	if (pool !== undefined) return poolOf(run, pool).commands
	run.finalCommands ??= []
	return run.finalCommands
}

function addFile(run: HistoryRun, event: Extract<RunEvent, { type: "file" }>): void {
	if (event.pool === undefined) return
	const { files } = poolOf(run, event.pool)
	const { destination, action, digest } = event
	let file = files.find((entry) => entry.destination === destination)
	if (!file) {
		file = { destination }
		files.push(file)
	}
	if (action === "backed-up") {
		if (digest !== undefined) file.before = digest
		if (digest !== undefined) file.after = digest
	} else if (action === "restored") {
		if (file.before !== undefined) file.after = file.before
	} else if (action === "removed") {
		delete file.after
	} else if (action === "created" || action === "replaced" || action === "changed") {
		if (digest !== undefined) file.after = digest
	}
}

function finishCommand(run: HistoryRun, event: Extract<RunEvent, { type: "command-finished" }>): void {
	const command = commandsOf(run, event.pool).findLast(({ phase }) => phase === event.phase)
	if (!command) return
	const { exit, signal, timedOut, durationMs } = event
	command.durationMs = durationMs
	if (exit !== undefined) command.exit = exit
	if (signal !== undefined) command.signal = signal
	if (timedOut !== undefined) command.timedOut = timedOut
}
