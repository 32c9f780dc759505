import type { Phase, Reason } from "../../schema/outcome.ts"
import { runCommands } from "../closure/run-commands.ts"
import { commandReason } from "../pool/reason.ts"
import type { RunScope } from "../run/run-scope.ts"

export interface CommandList {
	/** Absent for the final closure. */
	pool?: string
	phase: Phase
	commands: string[]
	timeoutSeconds: number
	/** The way back runs to its end, whoever cancels. */
	ignoresCancel?: boolean
}

/** Runs a list of commands in one shell and tells all of it; the reason of its first failure. */
export async function runList(scope: RunScope, list: CommandList): Promise<Reason | undefined> {
	const inPool = list.pool === undefined ? { phase: list.phase } : { pool: list.pool, phase: list.phase }
	const mark = nextMark(scope)
	// Before anything runs: recovery ends what a dead runner's commands left running by this mark.
	await scope.journal.note({ type: "phase", ...inPool, mark })
	const result = await runCommands(scope.host, list.commands, {
		mark,
		timeoutSeconds: list.timeoutSeconds,
		...(list.ignoresCancel ? {} : { signal: scope.cancelled }),
		started: (index, command) => scope.emit({ type: "command-started", ...inPool, index, command }),
		output: (index, stream, text, cutBytes) =>
			scope.emit({ type: "command-output", ...inPool, index, stream, text, ...(cutBytes ? { cutBytes } : {}) }),
		finished: ({ index, exit, signal, timedOut, durationMs, cutBytes }) =>
			scope.emit({
				type: "command-finished",
				...inPool,
				index,
				durationMs,
				...(exit === undefined ? {} : { exit }),
				...(signal === undefined ? {} : { signal }),
				...(timedOut === undefined ? {} : { timedOut }),
				...(cutBytes === 0 ? {} : { cutBytes }),
			}),
	})
	return result.ok ? undefined : commandReason(list.phase, result.failed)
}

/** Unique among all lists of all runs on this host. */
function nextMark({ host, run, journal }: RunScope): string {
	const hash = host.createHash()
	hash.update(new TextEncoder().encode(run))
	const used = journal.records.filter((record) => record.type === "phase" && record.mark !== undefined)
	return `hotfix-${hash.digest().slice(0, 24)}-${used.length + 1}`
}
