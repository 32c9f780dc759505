import { plainText } from "../schema/plain-text.ts"
import type { HostKeyQuestion } from "./answer-questions.ts"

/** Several host keys as lines for a person, numbered from 1. */
export function keyTable(questions: HostKeyQuestion[]): string[] {
	const rows = questions.map(({ appliance, host, port, keyType, fingerprint }, index) =>
		[String(index + 1), appliance, port === 22 ? host : `${host}:${port}`, keyType, fingerprint].map((text) =>
			plainText(text),
		),
	)
	const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
	const lines = rows.map((row) =>
		row
			.map((text, column) => text.padEnd(widths[column] ?? 0))
			.join("  ")
			.trimEnd(),
	)
	const head = `${questions.length} appliances are not known yet. Compare each fingerprint with the one its owner sees:`
	return [head, ...lines.map((line) => `  ${line}`)]
}

/** The numbers of an answer: `all`, `none`, or numbers and ranges (`1,3-5`); undefined when it makes no sense. */
export function parseChoice(text: string, count: number): number[] | undefined {
	const word = text.trim().toLowerCase()
	if (word === "all") return range(1, count)
	if (word === "none") return []
	const parts = word.split(/[\s,]+/).filter(Boolean)
	const chosen = parts.map((part) => parsePart(part, count))
	if (chosen.length === 0 || chosen.includes(undefined)) return undefined
	return chosen.flatMap((numbers) => numbers ?? [])
}

function parsePart(part: string, count: number): number[] | undefined {
	const match = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(part)
	if (!match) return undefined
	const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])]
	return first >= 1 && first <= last && last <= count ? range(first, last) : undefined
}

function range(first: number, last: number): number[] {
	return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
