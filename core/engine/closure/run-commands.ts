import type { OutputStream, ShellClock, ShellPort } from "./shell-port.ts"

/** One command that has ended, or could not be started. */
export interface CommandResult {
	index: number
	command: string
	/** Exit status as the shell gives it; absent when the shell itself died of a signal, or never started. */
	exit?: number
	/** The signal that the shell died of. */
	signal?: string
	timedOut?: boolean
	cancelled?: boolean
	/** The command ended the shell although further commands were to come: they did not run. */
	endedShell?: boolean
	/** How many of its processes could not be ended after a time-out or cancel. */
	survivors?: number
	/** Why no shell could be started. */
	notStarted?: string
	durationMs: number
	/** The end of its output, both streams in the order they came, at most 4 KiB of UTF-8. */
	lastOutput: string
	/** Bytes of its output that were not reported. */
	cutBytes: number
}

/** `commands`: every command that ran, the failed one last. */
export type CommandsResult =
	| { ok: true; commands: CommandResult[] }
	| { ok: false; failed: CommandResult; commands: CommandResult[] }

/** What is told while the commands run, in order. */
export interface CommandEvents {
	started?(index: number, command: string): void
	/** `cutBytes`: bytes of this stream left out before `text`. */
	output?(index: number, stream: OutputStream, text: string, cutBytes?: number): void
	finished?(result: CommandResult): void
}

export interface RunCommandsOptions extends CommandEvents {
	/** Time limit of each command. */
	timeoutSeconds: number
	/** See `ShellOptions.mark`. */
	mark: string
	env?: Record<string, string>
	/** Aborting ends the running command as its time limit would. */
	signal?: AbortSignal
}

/** Runs a whole list in one shell; the first failure ends the list. Never rejects, unless a callback throws. */
export async function runCommands(
	host: { shell: ShellPort; clock: ShellClock },
	commands: string[],
	options: RunCommandsOptions,
): Promise<CommandsResult> {
	throw new Error(`cannot run ${commands.length} commands yet: ${typeof host.shell} ${options.mark}`)
}
