import { closeSync, openSync, writeSync } from "node:fs"
import type { AnyEvent } from "../../schema/event.ts"
import { systemFailure } from "../system-failure.ts"
import { makeEventLines } from "../text/event-lines.ts"
import { type Output, printJson } from "../text/output.ts"
import type { CommonOptions } from "./command.ts"

/** Where a run's events are shown while it goes on. */
export interface EventOutput {
	show(event: AnyEvent): void
	close(): void
}

/** Events to standard output (`-`) or to a file as JSON; unless standard output has them, log lines are printed there. */
export function createEventOutput({ events, json }: CommonOptions, output: Output): EventOutput {
	if (events === "-" || (json && events === undefined)) {
		return { show: (event) => printJson(output, event), close: () => {} }
	}
	const file = events === undefined ? undefined : openEventFile(events)
	return {
		show(event) {
			if (file !== undefined) writeSync(file, `${JSON.stringify(event)}\n`)
			for (const line of makeEventLines(event)) output.line(line)
		},
		close() {
			if (file !== undefined) closeSync(file)
		},
	}
}

function openEventFile(path: string): number {
	try {
		return openSync(path, "w", 0o600)
	} catch (error) {
		throw systemFailure(error, path)
	}
}
