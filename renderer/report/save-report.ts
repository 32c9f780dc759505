import type { DesktopRun } from "../../core/schema/desktop.ts"
import { parseEvents } from "../../core/schema/event.ts"
import { makeRolloutReport, type ReportRollout, rolloutLines } from "../../core/schema/report/rollout-report.ts"
import { lookOfRun } from "../components/outcome.tsx"
import type { Api } from "../rpc/api.ts"
import { problemOf } from "../rpc/problem.ts"
import { applyRunEvent, emptyRun } from "../stores/run-view.ts"
import { download } from "./download.ts"
import { makeBatchReport } from "./make-batch-report.ts"
import { makeReport, type ReportRun } from "./make-report.ts"

/** Events are put together in pieces of so many characters: a record may be large. */
const PIECE = 1 << 20

/** Saves one run's record as a page for people; where its events cannot be had, what is known, and why not more. */
export async function saveReport(api: Api, run: DesktopRun, signal: AbortSignal): Promise<void> {
	const page = makeReport(await readRun(api, run, signal), new Date().toISOString())
	download(new Blob([page], { type: "text/html" }), `${nameOf(run)}.html`)
}

/** Saves every event of one run, one JSON object a line. */
export async function saveEvents(api: Api, run: DesktopRun, signal: AbortSignal): Promise<void> {
	download(await collectLines(eventsOf(api, run, signal)), `${nameOf(run)}.jsonl`)
}

/** Saves runs that were started together as one page. `onProgress`: how many have been read. */
export async function saveBatchReport(api: Api, runs: readonly DesktopRun[], options: BatchOptions): Promise<void> {
	const reports: ReportRun[] = []
	for (const run of runs) {
		reports.push(await readRun(api, run, options.signal))
		options.onProgress(reports.length)
	}
	const page = makeBatchReport(reports, new Date().toISOString())
	download(new Blob([page], { type: "text/html" }), `${nameOfBatch(runs)}.html`)
}

/** Saves what is known of each run, then its events, one JSON object a line. */
export async function saveBatchEvents(api: Api, runs: readonly DesktopRun[], options: BatchOptions): Promise<void> {
	async function* all() {
		for (const [index, run] of runs.entries()) {
			yield lineOf(run)
			yield* eventsOf(api, run, options.signal)
			options.onProgress(index + 1)
		}
	}
	download(await collectLines(all()), `${nameOfBatch(runs)}.jsonl`)
}

/** Saves a rollout as it stands as one page. */
export async function saveRolloutReport(rollout: ReportRollout): Promise<void> {
	const page = makeRolloutReport(rollout, new Date().toISOString())
	download(new Blob([page], { type: "text/html" }), `${nameOfRollout(rollout)}.html`)
}

/** Saves a rollout, each appliance and each pool, one JSON object a line. */
export async function saveRolloutLines(rollout: ReportRollout): Promise<void> {
	download(await collectLines(rolloutLines(rollout)), `${nameOfRollout(rollout)}.jsonl`)
}

/** Without the folder, which is the engineer's own business. */
function lineOf({ module: { folder: _, ...module }, ...run }: DesktopRun) {
	return { type: "run", ...run, module }
}

interface BatchOptions {
	signal: AbortSignal
	onProgress(runs: number): void
}

async function readRun(api: Api, run: DesktopRun, signal: AbortSignal): Promise<ReportRun> {
	const ending = lookOfRun(run).word
	let view = emptyRun
	try {
		for await (const event of eventsOf(api, run, signal)) view = applyRunEvent(view, event)
	} catch (error) {
		if (signal.aborted) throw error
		const { what, next = "" } = problemOf(error)
		return { run, view, ending, missing: `${what} ${next}` }
	}
	return { run, view, ending }
}

async function collectLines(items: AsyncIterable<unknown> | Iterable<unknown>): Promise<Blob> {
	const pieces: Blob[] = []
	let piece = ""
	for await (const item of items) {
		piece += `${JSON.stringify(item)}\n`
		if (piece.length < PIECE) continue
		pieces.push(new Blob([piece]))
		piece = ""
	}
	return new Blob([...pieces, piece], { type: "application/jsonl" })
}

async function* eventsOf(api: Api, { id }: DesktopRun, signal: AbortSignal) {
	for await (const piece of await api.runs.follow({ id, after: 0 }, { signal })) yield* parseEvents(piece)
}

/** For example `web-security-1.1.0-kitchen-20261123-144712-9f3a2c`. */
function nameOf({ module, applianceName, run, id }: DesktopRun): string {
	return fileName(module.name, module.version, applianceName, run ?? id)
}

/** For example `web-security-1.1.0-3-appliances-2026-11-23T14-47-12`. */
function nameOfBatch([first, ...rest]: readonly DesktopRun[]): string {
	if (!first) return "runs"
	const { name, version } = first.module
	return fileName(name, version, `${rest.length + 1}`, "appliances", first.startedAt.slice(0, 19).replaceAll(":", "-"))
}

/** For example `web-security-1.1.0-rollout-9f3a2c1d`. */
function nameOfRollout({ head: { module, id } }: ReportRollout): string {
	return fileName(module.name, module.version, "rollout", id.slice(0, 8))
}

function fileName(...parts: string[]): string {
	return parts
		.join("-")
		.replace(/[^A-Za-z0-9._-]+/g, "_")
		.slice(0, 150)
}
