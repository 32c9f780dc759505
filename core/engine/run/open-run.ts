import type { EventBody, RunEvent } from "../../schema/event.ts"
import { FailureError } from "../../schema/failure.ts"
import type { FinalClosure, PoolOutcome } from "../../schema/outcome.ts"
import { createStateManager } from "../backup/state-manager.ts"
import { makeFolder } from "../disk/make-folders.ts"
import type { AwaitDisks, EngineOptions } from "../engine.ts"
import { openEventRecord } from "../events/event-record.ts"
import type { Host } from "../host.ts"
import { createJournal, type Journal } from "../journal/journal.ts"
import { originOf, type RunOpen } from "../journal/records.ts"
import type { Layout } from "../layout.ts"
import { logLinesOf } from "../log/log-lines.ts"
import { createStandardLog } from "../log/standard-log.ts"
import type { Secrets } from "../redact/secrets.ts"
import { readCheckpoint } from "../state/checkpoint.ts"
import { watchCancel } from "./cancel.ts"
import type { RunScope } from "./run-scope.ts"

/** So often a run says that it is alive, in milliseconds. */
const HEARTBEAT_MS = 5000

export interface RunEnd {
	outcome: PoolOutcome
	finalClosure: FinalClosure
	interrupted?: boolean
}

export interface OpenRun extends RunScope, LockedBase {
	/** Records a run's last event and logs it; it is told by `end`. Once it is recorded, this does nothing. */
	finish(end: RunEnd): Promise<void>
	/** Everything is told and written that can be; nothing of the run goes on afterwards. */
	end(): Promise<void>
}

export interface RunCaller {
	onEvent?: (event: RunEvent) => void
	signal?: AbortSignal
	/** See `RunContext`. */
	from?: string
	/** See `RecoverContext`. */
	awaitDisks?: AwaitDisks
}

/** Where runs live: the same for all of them on one appliance. */
export interface Base {
	host: Host
	options: EngineOptions
	layout: Layout
}

/** The same for whoever holds the lock. */
export interface LockedBase extends Base {
	/** Begun or recovered under this lock, and not closed: what recovery at boot is there for. */
	openRuns: Set<string>
	/** The lock's number. */
	lockNumber: number
}

/**
 * Begins a run: from here on its journal says what becomes of it, and the appliance's next boot would recover it.
 * `toldPools`: all that the run will say something about, where it is not only those it runs.
 */
export async function beginRun(
	base: LockedBase,
	request: Omit<RunOpen, "type" | "at" | "from">,
	caller: RunCaller,
	toldPools = request.pools,
): Promise<OpenRun> {
	const { host, options, layout } = base
	const at = new Date(host.clock.now()).toISOString()
	const open = { ...request, ...(caller.from === undefined ? {} : { from: caller.from }) }
	const { journal: path, folder } = layout.run(open.run)
	const ended = (await readCheckpoint(host, layout))?.runs
	if (ended?.includes(open.run) || (await host.disk.lstat(path)))
		throw new FailureError("bad-request", { reason: `run ${open.run} was already begun` })
	const arming = host.bootRecovery.arm(options)
	await makeFolder(host, folder, 0o700).finally(() => arming)
	const unarmed = await arming
	const journal = await createJournal(host, path, { type: "run-open", ...open, at })
	const scope = await openRun(base, journal, caller)
	const { kind, module } = open
	scope.emit({ type: "run-started", kind, module, pools: toldPools, ...originOf(open) })
	if (unarmed !== undefined)
		scope.emit({ type: "warning", message: `a power cut would not be recovered from by itself at boot: ${unarmed}` })
	return scope
}

/** The surroundings of a run whose journal is open, new or recovered. */
export async function openRun(base: LockedBase, journal: Journal, caller: RunCaller): Promise<OpenRun> {
	const { host, options, layout } = base
	const open = journal.records[0]
	if (open?.type !== "run-open") throw new Error("cannot open a run whose journal has no beginning")
	const { run, kind, module } = open
	base.openRuns.add(run)
	const events = await openEventRecord(host, layout.run(run).events, run, caller.onEvent).catch(async (error) => {
		await journal.close().catch(() => {})
		throw error
	})
	const log = createStandardLog(host, options.logFile, (message) => events.emit({ type: "warning", message }))
	const emit = (body: EventBody) => {
		events.emit(body)
		log.append(logLinesOf(body, run))
	}
	const finish = async (last: RunEnd) => {
		if (events.isFinished) return
		await events.finish({ type: "run-finished", ...last })
		log.append(logLinesOf({ type: "run-finished", ...last }, run))
	}
	const cancel = watchCancel(host, layout.run(run), caller.signal)
	const stopHeartbeat = host.clock.every(HEARTBEAT_MS, () => events.emit({ type: "heartbeat" }))
	const end = async () => {
		stopHeartbeat()
		cancel.end()
		await log.end()
		await events.close()
		await journal.close().catch(() => {})
	}
	const stateManager = createStateManager(host, layout)
	const secrets = new Map<string, Secrets>()
	const cancelled = cancel.signal
	return { ...base, run, kind, module, journal, events, stateManager, secrets, emit, cancelled, finish, end }
}
