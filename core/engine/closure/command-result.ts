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
	/** It exited with 0, but the shell is gone with it and further commands were to come: the list failed. */
	endedShell?: boolean
	/** How many of its processes could not be ended after a time-out or cancel. */
	survivors?: number
	/** Why it was not started at all. */
	notStarted?: string
	durationMs: number
	/** The end of its output, both streams in the order they came: its last 4 KiB, as text. */
	lastOutput: string
	/** Bytes of its output that were not reported. */
	cutBytes: number
}

/** Whether a command did what was asked of it, so that the list goes on. */
export function isPassed(result: CommandResult): boolean {
	return result.exit === 0 && !result.timedOut && !result.cancelled && !result.endedShell
}

/** How a command ended, for a reason's message: lowercase, no full stop. */
export function describeCommand(result: CommandResult): string {
	const stuck = result.survivors ? `, and ${result.survivors} of its processes cannot be ended` : ""
	if (result.notStarted !== undefined) return `cannot start the command: ${result.notStarted}`
	if (result.cancelled) return `command was cancelled${stuck}`
	if (result.timedOut) return `command ran out of time after ${Math.round(result.durationMs / 1000)} s${stuck}`
	if (result.signal !== undefined) return `command ended the shell with ${result.signal}`
	if (result.exit === 0)
		return result.endedShell ? "command ended the shell before the rest of the list" : "command passed"
	return `command failed with exit status ${result.exit}${describeStatus(result.exit)}`
}

/** What a shell means by its own special statuses. */
function describeStatus(exit = 0): string {
	if (exit === 126) return " (found but not executable)"
	if (exit === 127) return " (not found)"
	return exit > 128 && exit <= 128 + 64 ? ` (ended by signal ${exit - 128})` : ""
}
