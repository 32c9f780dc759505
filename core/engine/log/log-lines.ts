import type { EventBody } from "../../schema/event.ts"
import type { Reason } from "../../schema/outcome.ts"
import { butLeft } from "../../schema/outcome-sentences.ts"
import { plainText } from "../../schema/plain-text.ts"

export type Level = "INFO" | "WARNING" | "ERROR"

export interface LogLine {
	level: Level
	message: string
}

/** Lines of output that go into the log with a failed command. */
const OUTPUT_LINES = 5

/** What the standard update log says about an event; nothing for most of them. */
export function logLinesOf(event: EventBody, run: string): LogLine[] {
	switch (event.type) {
		case "run-started": {
			const from = event.from === undefined ? "" : ` from ${event.from}`
			const by = (event.by === undefined ? "" : ` for ${event.by}`) + from
			return [info(`hotfix: ${event.kind} of ${event.module.name} ${event.module.version} started${by} (run ${run})`)]
		}
		case "warning":
			return [{ level: "WARNING", message: `hotfix: ${inPool(event.pool)}${event.message}` }]
		case "pool-finished":
			return poolLines(event.pool, event.outcome, event.reason)
		case "final-closure":
			if (event.outcome === "passed") return [info("hotfix: final closure passed")]
			if (event.outcome === "not-run") return [info(`hotfix: final closure not run: ${event.why ?? ""}`)]
			return failureLines("final closure failed", event.reason)
		case "run-finished": {
			const level = event.outcome === "failed" || event.outcome === "degraded" ? "ERROR" : "INFO"
			const interrupted = event.interrupted ? ", after it was interrupted" : ""
			return [{ level, message: `hotfix: run ${run} finished: ${event.outcome}${interrupted}` }]
		}
		default:
			return []
	}
}

function poolLines(pool: string, outcome: string, reason: Reason | undefined): LogLine[] {
	if (outcome === "failed")
		return failureLines(`pool ${pool} failed, everything is as it was before${butLeft(reason)}`, reason)
	if (outcome === "degraded") return failureLines(`pool ${pool} is degraded, a person must look`, reason)
	return [info(`hotfix: pool ${pool}: ${outcome}`)]
}

function failureLines(what: string, reason: Reason | undefined): LogLine[] {
	if (!reason) return [error(`hotfix: ${what}`)]
	const phase = reason.phase === "final-closure" ? [] : [reason.phase]
	// Cut first: however long it is, the reason behind it must still be read.
	const command = reason.command === undefined ? [] : [plainText(reason.command)]
	const where = [...phase, ...command].join(" of ")
	const output = (reason.output ?? "").trimEnd().split("\n").slice(-OUTPUT_LINES)
	return [
		error(`hotfix: ${what}: ${where === "" ? "" : `${where}: `}${reason.message}`),
		...(reason.details ?? []).map((detail) => error(`hotfix:   ${detail}`)),
		...output.filter((line) => line.trim() !== "").map((line) => error(`hotfix:   | ${line}`)),
	]
}

function inPool(pool: string | undefined): string {
	return pool === undefined ? "" : `pool ${pool}: `
}

function info(message: string): LogLine {
	return { level: "INFO", message }
}

function error(message: string): LogLine {
	return { level: "ERROR", message }
}

/** `[YYYY-MM-DD HH:MM:SS] [LEVEL] message`, local time; one line, whatever a command printed. */
export function printLogLine({ level, message }: LogLine, now: Date): string {
	const two = (value: number) => String(value).padStart(2, "0")
	const date = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`
	const time = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`
	return `[${date} ${time}] [${level}] ${plainText(message, 1000)}\n`
}
