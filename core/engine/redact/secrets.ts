import type { Reason } from "../../schema/outcome.ts"
import { MIN_LITERAL, parseRedact } from "../../schema/redact.ts"
import { findAssigned } from "./assigned.ts"
import { MaskStream } from "./mask-stream.ts"
import { Needles } from "./needles.ts"

/** Bytes of all values of variables together: longer ones cannot be looked for, and what may hold them is left out. */
const MOST_BYTES = 256 * 1024

/** In the place of a text that may hold a value that is too long to look for. */
const LEFT_OUT = "[left out: what must be masked is too long to look for]"

/**
 * What a pool's `redact` stands for: texts, and the values of environment variables as they become known. Once known, a
 * value is masked until the run ends, whatever the variable holds by then.
 */
export class Secrets {
	/** Variables whose values a shell is asked for. */
	readonly names: readonly string[]
	readonly #values = new Map<string, Uint8Array>()
	#bytes = 0
	/** A value was too long: nothing can be said to be free of it any more. */
	#isOverfull = false
	#needles: Needles | undefined

	/** `variable` gives the runner's own environment. */
	constructor(entries: readonly string[], variable: (name: string) => string | undefined) {
		const names = new Set<string>()
		for (const entry of entries) {
			const parsed = parseRedact(entry)
			if (parsed?.kind === "variable") names.add(parsed.name)
			else this.#add(encode(parsed?.text ?? entry), Infinity)
		}
		this.names = [...names]
		for (const name of names) this.#add(encode(variable(name) ?? ""))
	}

	/** Nothing to mask now, and nothing to ask for. */
	get isEmpty(): boolean {
		return this.#values.size === 0 && this.names.length === 0
	}

	/** Takes values that a shell told. False when they are too long to be looked for. */
	learn(values: Iterable<Uint8Array>): boolean {
		for (const value of values) this.#add(value)
		return !this.#isOverfull
	}

	/** What is masked by now. */
	get values(): Iterable<Uint8Array> {
		return this.#values.values()
	}

	/** Takes values that commands themselves spell out. */
	learnFrom(commands: readonly string[]): void {
		if (this.names.length === 0) return
		for (const value of commands.flatMap((command) => findAssigned(command, this.names))) this.#add(encode(value))
	}

	createStream(give: (bytes: Uint8Array) => void): MaskStream {
		const values = [...this.#values.values()]
		this.#needles ??= new Needles(values)
		return new MaskStream(values, this.#needles, give)
	}

	maskText(text: string): string {
		if (this.#isOverfull) return LEFT_OUT
		if (this.#values.size === 0) return text
		const decoder = new TextDecoder("utf-8", { ignoreBOM: true })
		let masked = ""
		const stream = this.createStream((bytes) => {
			masked += decoder.decode(bytes, { stream: true })
		})
		stream.push(encode(text))
		stream.flush()
		return masked + decoder.decode()
	}

	maskReason(reason: Reason): Reason {
		if (this.isEmpty) return reason
		const { message, command, output, details } = reason
		return {
			...reason,
			message: this.maskText(message),
			...(command === undefined ? {} : { command: this.maskText(command) }),
			...(output === undefined ? {} : { output: this.maskText(output) }),
			...(details === undefined ? {} : { details: details.map((detail) => this.maskText(detail)) }),
		}
	}

	/** A value, and each of its lines: a shell or a tool may print them with something in between. */
	#add(value: Uint8Array, most = MOST_BYTES): void {
		if (value.length === 0) return
		for (const piece of [value, ...linesOf(value)]) {
			const key = new TextDecoder("latin1").decode(piece)
			if (this.#values.has(key)) continue
			if (this.#bytes + piece.length > most) {
				this.#isOverfull = true
				return
			}
			// Texts of the module are few and short: they leave all the room to the variables.
			if (most !== Infinity) this.#bytes += piece.length
			this.#values.set(key, piece.slice())
			this.#needles = undefined
		}
	}
}

/** Lines of a value that has several, without the blanks around them; too short ones are no secrets. */
function linesOf(value: Uint8Array): Uint8Array[] {
	const lines: Uint8Array[] = []
	for (let start = 0; value.includes(10) && start <= value.length; ) {
		const found = value.indexOf(10, start)
		const end = found < 0 ? value.length : found
		const line = trim(value.subarray(start, end))
		if (line.length >= MIN_LITERAL) lines.push(line)
		start = end + 1
	}
	return lines
}

function trim(line: Uint8Array): Uint8Array {
	let start = 0
	let end = line.length
	while (start < end && isBlank(line[start])) start++
	while (end > start && isBlank(line[end - 1])) end--
	return line.subarray(start, end)
}

function isBlank(byte: number | undefined): boolean {
	return byte === 0x20 || byte === 0x09 || byte === 0x0d
}

function encode(text: string): Uint8Array {
	return new TextEncoder().encode(text)
}
