import type { DesktopRun } from "../../core/schema/desktop.ts"
import { parseEvent } from "../../core/schema/event.ts"
import { lookOfRun } from "../components/outcome.tsx"
import type { Api } from "../rpc/api.ts"
import { applyRunEvent, emptyRun } from "../stores/run-view.ts"
import { makeReport } from "./make-report.ts"

/** Events are put together in pieces of so many characters: a record may be large. */
const PIECE = 1 << 20

/** Saves one run's record as a page for people. */
export async function saveReport(api: Api, run: DesktopRun, signal: AbortSignal): Promise<void> {
	let view = emptyRun
	for await (const event of eventsOf(api, run, signal)) view = applyRunEvent(view, event)
	const page = makeReport({ run, view, ending: lookOfRun(run).word }, new Date().toISOString())
	download(new Blob([page], { type: "text/html" }), `${nameOf(run)}.html`)
}

/** Saves every event of one run, one JSON object a line. */
export async function saveEvents(api: Api, run: DesktopRun, signal: AbortSignal): Promise<void> {
	const pieces: Blob[] = []
	let piece = ""
	for await (const event of eventsOf(api, run, signal)) {
		piece += `${JSON.stringify(event)}\n`
		if (piece.length < PIECE) continue
		pieces.push(new Blob([piece]))
		piece = ""
	}
	download(new Blob([...pieces, piece], { type: "application/jsonl" }), `${nameOf(run)}.jsonl`)
}

async function* eventsOf(api: Api, { id }: DesktopRun, signal: AbortSignal) {
	for await (const value of await api.runs.follow({ id, after: 0 }, { signal })) {
		const event = parseEvent(value)
		if (event) yield event
	}
}

/** For example `web-security-1.1.0-kitchen-20261123-144712-9f3a2c`. */
function nameOf({ module, applianceName, run, id }: DesktopRun): string {
	const name = [module.name, module.version, applianceName, run ?? id].join("-")
	return name.replace(/[^A-Za-z0-9._-]+/g, "_").slice(0, 150)
}

function download(content: Blob, name: string): void {
	const address = URL.createObjectURL(content)
	const link = document.createElement("a")
	link.href = address
	link.download = name
	link.click()
	// The download has its own hold of the content by then.
	setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
