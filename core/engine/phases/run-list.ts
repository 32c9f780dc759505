import type { Phase, Reason } from "../../schema/outcome.ts"
import { runCommands } from "../closure/run-commands.ts"
import { digestOf } from "../disk/digest.ts"
import { commandReason } from "../pool/reason.ts"
import { Secrets } from "../redact/secrets.ts"
import type { RunScope } from "../run/run-scope.ts"

export interface CommandList {
	/** Absent for the final closure. */
	pool?: string
	phase: Phase
	commands: string[]
	timeoutSeconds: number
	/** The way back runs to its end, whoever cancels. */
	ignoresCancel?: boolean
	/** Entries of `redact`; see `Secrets`. */
	redact: readonly string[]
}

/** Runs a list of commands in one shell and tells all of it; the reason of its first failure. */
export async function runList(scope: RunScope, list: CommandList): Promise<Reason | undefined> {
	const inPool = list.pool === undefined ? { phase: list.phase } : { pool: list.pool, phase: list.phase }
	const secrets = secretsOf(scope, list)
	secrets?.learnFrom(list.commands)
	const mark = nextMark(scope)
	// Before anything runs: recovery ends what a dead runner's commands left running by this mark.
	await scope.journal.note({ type: "phase", ...inPool, mark })
	const result = await runCommands(scope.host, list.commands, {
		mark,
		timeoutSeconds: list.timeoutSeconds,
		...(list.ignoresCancel ? {} : { signal: scope.cancelled }),
		...(secrets ? { secrets } : {}),
		started: (index, command) =>
			scope.emit({ type: "command-started", ...inPool, index, command: secrets?.maskText(command) ?? command }),
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
	if (result.ok) return undefined
	const reason = commandReason(list.phase, result.failed)
	return secrets?.maskReason(reason) ?? reason
}

/** What was learned in an earlier list of the pool is still masked in its later ones, and that of all in the final closure. */
function secretsOf({ host, secrets }: RunScope, { pool, redact }: CommandList): Secrets | undefined {
	if (redact.length === 0) return undefined
	const found = (pool === undefined ? undefined : secrets.get(pool)) ?? new Secrets(redact, host.self.variable)
	if (pool === undefined) for (const other of secrets.values()) found.learn(other.values)
	else secrets.set(pool, found)
	return found
}

/** Unique among all lists of all runs on this host. */
function nextMark({ host, run, journal }: RunScope): string {
	const used = journal.records.filter((record) => record.type === "phase" && record.mark !== undefined)
	return `hotfix-${digestOf(host, run).slice(0, 24)}-${used.length + 1}`
}
