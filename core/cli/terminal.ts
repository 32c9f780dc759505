import { createInterface } from "node:readline/promises"
import { Writable } from "node:stream"
import { styleText } from "node:util"
import type { Answer } from "../schema/desktop.ts"
import { plainText } from "../schema/plain-text.ts"
import type { ToneLine } from "../schema/tone-line.ts"

/** Asks on the terminal; true for "yes". The end of input counts as no. */
export async function askYes(text: string): Promise<boolean> {
	return /^y(es)?$/i.test((await askLine(text)).trim())
}

/** Asks for a line that everybody may see. The end of input counts as an empty one. */
export function askLine(text: string): Promise<string> {
	return readLine(text, process.stderr)
}

/** Asks for a line without showing what is typed. */
export async function askHidden(text: string): Promise<string> {
	process.stderr.write(text)
	const line = await readLine("", new Writable({ write: (_chunk, _encoding, done) => done() }))
	process.stderr.write("\n")
	return line
}

/** Asks for a secret without showing what is typed; an empty line is a refusal. */
export async function askSecret(text: string): Promise<Answer> {
	const secret = await askHidden(text)
	return secret === "" ? { kind: "refuse" } : { kind: "secret", secret }
}

async function readLine(text: string, output: Writable): Promise<string> {
	const lines = createInterface({ input: process.stdin, output, terminal: true })
	const closed = new Promise<string>((resolve) => lines.once("close", () => resolve("")))
	try {
		return await Promise.race([lines.question(text), closed])
	} finally {
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
	return [...named, ...lines].map(({ text, tone }) => (tone ? paint(TONES[tone], text) : text))
}

/** One line at the bottom of a terminal that is written over; nothing where output is no terminal. */
export function createStatusLine(): { show(text: string): void; clear(): void } {
	const output = process.stdout
	if (!output.isTTY) return { show: () => {}, clear: () => {} }
	const clear = () => void output.write("\r\x1b[K")
	return {
		clear,
		show(text) {
			clear()
			output.write(text.slice(0, Math.max(0, output.columns - 1)))
		},
	}
}
