import type { Phase, Reason } from "../../schema/outcome.ts"
import { type CommandResult, describeCommand } from "../closure/command-result.ts"
import { meaningOf } from "../disk/disk-error.ts"

/** Further faults that are shown; the rest is counted. */
const SHOWN = 50

export function commandReason(phase: Phase, failed: CommandResult): Reason {
	const { command, exit, signal, timedOut, lastOutput } = failed
	return {
		phase,
		message: describeCommand(failed),
		command,
		...(exit === undefined ? {} : { exit }),
		...(signal === undefined ? {} : { signal }),
		...(timedOut === undefined ? {} : { timedOut }),
		...(lastOutput === "" ? {} : { output: lastOutput }),
	}
}

export function errorReason(phase: Phase, error: unknown): Reason {
	return { phase, message: meaningOf(error) }
}

/** One reason of several faults found at once; undefined when there are none. */
export function faultsReason(phase: Phase, faults: string[]): Reason | undefined {
	const [message, ...others] = faults
	if (message === undefined) return undefined
	return others.length === 0 ? { phase, message } : { phase, message, details: shorten(others) }
}

/** The reason with what went wrong on the way back. */
export function withFaults(reason: Reason, faults: string[]): Reason {
	return faults.length === 0 ? reason : { ...reason, details: shorten([...(reason.details ?? []), ...faults]) }
}

/** The reason with a sentence for each file that the way back leaves alone. */
export function withLeft(reason: Reason, left: string[]): Reason {
	return left.length === 0 ? reason : { ...withFaults(reason, left), left: left.length }
}

function shorten(faults: string[]): string[] {
	return faults.length <= SHOWN ? faults : [...faults.slice(0, SHOWN), `and ${faults.length - SHOWN} more`]
}
