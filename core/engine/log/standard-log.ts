import { withFile } from "../disk/content.ts"
import { meaningOf } from "../disk/disk-error.ts"
import type { EngineOptions } from "../engine.ts"
import type { Host } from "../host.ts"
import { type LogLine, printLogLine } from "./log-lines.ts"
import { openLog } from "./open-log.ts"

export interface StandardLog {
	/** Appends in the background, in order. Never throws. */
	append(lines: LogLine[]): void
	/** Resolves when everything is written, or could not be. */
	end(): Promise<void>
}

/**
 * The appliance's standard update log. It is opened anew for every append, so that it may be rotated at any time. A log
 * that cannot be written never fails a run; it is said once.
 */
export function createStandardLog(
	host: Host,
	path: string | undefined,
	onFailure: (message: string) => void,
): StandardLog {
	let last = Promise.resolve()
	let isTold = false
	/** A full disk may have taken half a line. It stays: others may have appended since, so nothing can be cut off. */
	let isTorn = false
	const write = async (file: string, text: string) => {
		try {
			await withFile(openLog(host, file), async (open) => {
				const bytes = new TextEncoder().encode(isTorn ? `\n${text}` : text)
				isTorn = true
				await open.write(bytes, 0)
				isTorn = false
			})
		} catch (error) {
			if (!isTold) onFailure(`the log ${file} cannot be written: ${meaningOf(error)}`)
			isTold = true
		}
	}
	return {
		append: (lines) => {
			if (path === undefined || lines.length === 0) return
			const text = lines.map((line) => printLogLine(line, new Date(host.clock.now()))).join("")
			last = last.then(() => write(path, text))
		},
		end: () => last,
	}
}

/** A warning that no run's events can take any more. Never throws. */
export async function logWarning(host: Host, { logFile }: EngineOptions, message: string): Promise<void> {
	const log = createStandardLog(host, logFile, () => {})
	log.append([{ level: "WARNING", message: `hotfix: ${message}` }])
	await log.end()
}
