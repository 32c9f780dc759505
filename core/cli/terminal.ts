import { createInterface } from "node:readline/promises"
import { Writable } from "node:stream"
import { styleText } from "node:util"
import { plainText } from "../schema/plain-text.ts"
import type { ToneLine } from "../schema/tone-line.ts"

/** Asks for a line that everybody may see; undefined at the end of input. */
export function askLine(text: string, signal?: AbortSignal): Promise<string | undefined> {
	return readLine(text, process.stderr, signal)
}

/** Asks for a line without showing what is typed; undefined at the end of input. */
export async function askHidden(text: string, signal?: AbortSignal): Promise<string | undefined> {
	process.stderr.write(text)
	const line = await readLine("", new Writable({ write: (_chunk, _encoding, done) => done() }), signal)
	process.stderr.write("\n")
	return line
}

/** While a person types, nothing may be written over their line. */
let isAsking = false

async function readLine(text: string, output: Writable, signal?: AbortSignal): Promise<string | undefined> {
	const lines = createInterface({ input: process.stdin, output, terminal: true })
	const { promise: closed, resolve: close } = Promise.withResolvers<undefined>()
	const onAbort = () => close(undefined)
	lines.once("close", onAbort)
	signal?.addEventListener("abort", onAbort)
	isAsking = true
	try {
		return await Promise.race([lines.question(text), closed])
	} finally {
		isAsking = false
		signal?.removeEventListener("abort", onAbort)
		lines.close()
	}
}

type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan"

/** Colours text where the terminal shows colours (NO_COLOR and pipes are respected); meaning never rests on it alone. */
export function paint(style: Style | Style[], text: string): string {
	return styleText(style, text, { stream: process.stdout })
}

const TONES = { strong: "bold", bad: "red", doubt: "yellow" } as const

/** What an appliance says of itself, its name before the first line. */
export function paintLines([head, ...lines]: ToneLine[], appliance: string): string[] {
	const named = head ? [{ ...head, text: `${plainText(appliance)}: ${head.text}` }] : []
	return [...named, ...lines].map(paintLine)
}

export function paintLine({ text, tone }: ToneLine): string {
	return tone ? paint(TONES[tone], text) : text
}

/** One line at the bottom of a terminal that is written over; nothing where output is no terminal, or a question stands there. */
export function createStatusLine(): { show(text: string): void; clear(): void } {
	const output = process.stdout
	if (!output.isTTY) return { show: () => {}, clear: () => {} }
	const clear = () => {
		if (!isAsking) output.write("\r\x1b[K")
	}
	return {
		clear,
		show(text) {
			if (isAsking) return
			clear()
			output.write(text.slice(0, Math.max(0, output.columns - 1)))
		},
	}
}
