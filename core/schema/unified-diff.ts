import { createTwoFilesPatch, FILE_HEADERS_ONLY, formatPatch } from "diff"

/** More differing lines than this are shown as one block: a person reads no further, and time stays bounded. */
const MAX_EDITS = 2000

/** Larger texts are not shown line by line. */
export const MAX_DIFF_BYTES = 1 << 20

/** Bytes as a text whose lines can be shown; undefined for what is no text. */
export function readDiffText(bytes: Uint8Array): string | undefined {
	if (bytes.includes(0)) return undefined
	const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)
	return text.includes("\ufffd") ? undefined : text
}

/** A unified diff of two texts; empty when they are the same. */
export function unifiedDiff(before: string, after: string, names: { before: string; after: string }): string {
	if (before === after) return ""
	const options = { context: 3, maxEditLength: MAX_EDITS, headerOptions: FILE_HEADERS_ONLY }
	const diff = createTwoFilesPatch(names.before, names.after, before, after, undefined, undefined, options)
	return diff ?? replaceAll(before, after, names)
}

function replaceAll(before: string, after: string, names: { before: string; after: string }): string {
	const [old, fresh] = [linesOf(before), linesOf(after)]
	const hunk = { oldStart: 1, oldLines: old.length, newStart: 1, newLines: fresh.length }
	const lines = [...mark("-", old, before), ...mark("+", fresh, after)]
	const files = { oldFileName: names.before, newFileName: names.after, oldHeader: undefined, newHeader: undefined }
	return formatPatch({ ...files, index: undefined, hunks: [{ ...hunk, lines }] }, FILE_HEADERS_ONLY)
}

function linesOf(text: string): string[] {
	return text === "" ? [] : text.replace(/\n$/, "").split("\n")
}

function mark(sign: "-" | "+", lines: string[], text: string): string[] {
	const marked = lines.map((line) => `${sign}${line}`)
	return text === "" || text.endsWith("\n") ? marked : [...marked, "\\ No newline at end of file"]
}
