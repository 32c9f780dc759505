import type { DesktopRun } from "../schema/desktop.ts"
import { type AnyEvent, isKnownEvent, type RunEvent, type RunKind } from "../schema/event.ts"
import { plainLines, plainText } from "../schema/plain-text.ts"
import { sentenceOf } from "../schema/sentences.ts"
import { uploadStep, uploadWords } from "../schema/upload-words.ts"
import { outcomeMark } from "./run-summary.ts"
import { createStatusLine, paint } from "./terminal.ts"

/** Shows several runs as they happen: a line an event, the appliance in front, and what is awaited at the bottom. */
export function createRunDisplay(runs: DesktopRun[], json: boolean) {
	const kinds = new Map(runs.map((run) => [run.id, run.kind]))
	const names = new Map(runs.map((run) => [run.id, run.applianceName]))
	const width = Math.max(...[...names.values()].map((name) => name.length))
	const states = new Map<string, string>()
	const status = createStatusLine()
	/** What is awaited of each run, said anew every second; what holds up its connection goes before its command. */
	const awaited = new Map<string, () => string>()
	const links = new Map<string, () => string>()
	const timer = setInterval(showAwaited, 1000)
	timer.unref()

	function print(id: string, text: string): void {
		status.clear()
		for (const line of text.split("\n")) console.log(`${paint("dim", (names.get(id) ?? "").padEnd(width))}  ${line}`)
		showAwaited()
	}

	function showAwaited(): void {
		if (json) return
		const waits = [...new Map([...awaited, ...links])].map(([id, what]) => `${names.get(id)}: ${what()}`)
		if (waits.length === 0) status.clear()
		else status.show(`  ... ${waits.join(" | ")}`)
	}

	return {
		event(id: string, event: AnyEvent): void {
			if (json) return void console.log(JSON.stringify({ appliance: names.get(id), ...event }))
			if (!isKnownEvent(event)) return
			noteAwaited(awaited, id, event)
			const text = describeEvent(event, kinds.get(id))
			if (text) print(id, text)
		},
		/** Tells changes of the connection, each once; how far it is stands at the bottom. */
		run(run: DesktopRun): void {
			if (json) return
			const link = describeLink(run)
			if (link) links.set(run.id, link)
			else links.delete(run.id)
			const text = describeState(run)
			if (text && states.get(run.id) !== text) print(run.id, text)
			else showAwaited()
			states.set(run.id, text ?? "")
		},
		close(): void {
			clearInterval(timer)
			awaited.clear()
			links.clear()
			status.clear()
		},
	}
}

function noteAwaited(awaited: Map<string, () => string>, id: string, event: RunEvent): void {
	if (event.type === "command-started") {
		const since = Date.now()
		awaited.set(id, () => `${plainText(event.command)} ${Math.round((Date.now() - since) / 1000)} s`)
	}
	if (event.type === "command-finished" || event.type === "run-finished") awaited.delete(id)
}

/** What holds a run up between here and there, as it stands at any later moment. */
export function describeLink({ state, upload, retryAt }: DesktopRun): (() => string) | undefined {
	if (state === "uploading" && upload) return () => uploadWords(upload)
	if (state !== "lost" || retryAt === undefined) return undefined
	return () => {
		const seconds = Math.ceil((Date.parse(retryAt) - Date.now()) / 1000)
		return seconds > 0 ? `next attempt in ${seconds} s` : "connecting again"
	}
}

/** How a run's connection stands, in a line or two; undefined where the run's own events say more. */
export function describeState(run: DesktopRun): string | undefined {
	switch (run.state) {
		case "connecting":
			return paint("dim", "connecting")
		case "uploading":
			return run.upload && paint("dim", uploadStep(run.upload))
		case "lost": {
			const why = run.failure ? ` ${sentenceOf(run.failure).what}` : ""
			const there = run.isDoubtful ? "nobody knows yet whether the run began" : "the run goes on there"
			return paint("yellow", `connection lost; ${there}.${why}`)
		}
		case "not-started": {
			if (!run.failure) return undefined
			const { what, next } = sentenceOf(run.failure)
			return `${paint("red", `not started: ${what}`)}\n${next}`
		}
		default:
			return undefined
	}
}

/** One event as a line for a person; undefined for what need not be read. */
export function describeEvent(event: RunEvent, kind?: RunKind): string | undefined {
	switch (event.type) {
		case "run-started":
			return plainText(`${event.module.name} ${event.module.version}, run ${event.run}`)
		case "pool-started":
			return paint("bold", plainText(event.pool))
		case "phase-started":
			return event.phase === "restore" ? paint("yellow", "  putting every file back") : `  ${event.phase}`
		case "file":
			return event.action === "backed-up" || event.action === "verified"
				? undefined
				: `    ${event.action} ${plainText(event.destination)}`
		case "command-started":
			return `    $ ${plainText(event.command)}`
		case "command-output":
			return paint("dim", plainLines(event.text.trimEnd()).replace(/^/gm, "      "))
		case "command-finished":
			return describeCommandEnd(event)
		case "pool-finished":
			return `${outcomeMark(event.outcome, kind)} ${paint("bold", plainText(event.pool))}${event.reason ? `: ${plainText(event.reason.message)}` : ""}`
		case "final-closure":
			return `final closure: ${event.outcome}${event.why ? `: ${plainText(event.why)}` : ""}`
		default:
			return undefined
	}
}

function describeCommandEnd(event: Extract<RunEvent, { type: "command-finished" }>): string | undefined {
	if (event.timedOut) return paint("red", "    ran out of time")
	if (event.signal) return paint("red", `    ended by ${plainText(event.signal)}`)
	return event.exit ? paint("red", `    exit ${event.exit}`) : undefined
}
