import { unremarkable } from "./source-findings.ts"
import type { SourceTraits } from "./source-traits.ts"

/** Something doubtful about a file below `src/` itself, wherever `index.json` names it. Never keeps it from being run. */
export interface SourceNote {
	/** Stable kebab-case name. */
	rule: string
	/** Lowercase, no full stop, as of a finding. */
	message: string
	remedy: string
	/** 1-based, where one line is meant. */
	line?: number
	mend?: SourceMend
}

/** What mends a note with one click, as data; `label` says what is done. */
export type SourceMend = { label: string } & (
	| { kind: "text"; change: TextChange }
	| { kind: "executable" }
	| { kind: "remove" }
)

export type TextChange = "line-ends" | "no-bom" | "final-newline"

/** An operation that brings the source to an appliance. */
export interface SourceUse {
	/** Index of the pool. */
	pool: number
	/** As it is called. */
	name: string
	destination: string
	/** `permissions.mode`, which overrides the file's own. */
	mode?: string | undefined
}

export interface NotedSource {
	target: string
	size: number
	isExecutable: boolean
	/** Absent while nobody has looked at the bytes. */
	traits?: Omit<SourceTraits, "target" | "digest"> | undefined
}

/** What git servers of most teams refuse, bytes. */
export const LARGE_BYTES = 100 * 1024 * 1024
export const LARGE_REMEDY =
	"most git servers refuse files above 100 MB; fetch it on the appliance if the team pushes this module"
/** More secrets of one file than these are told as a number. */
const MAX_SECRETS = 3

/** All that is doubtful about a source, the gravest first. */
export function sourceNotes(source: NotedSource, uses: readonly SourceUse[]): SourceNote[] {
	const { traits } = source
	return [
		...(traits ? secretNotes(traits.secrets) : []),
		...(traits?.isText ? scriptNotes(source, traits, uses) : []),
		...notesOfUse(source, uses),
		...(traits?.isText && !traits.endsInNewline ? [finalNewline] : []),
		...(source.size > LARGE_BYTES ? [largeNote(source.size)] : []),
	]
}

/** The text with one change made; line ends stay what they are unless they are what is changed. */
export function changeText(text: string, change: TextChange): string {
	if (change === "line-ends") return text.replaceAll("\r\n", "\n")
	if (change === "no-bom") return text.replace(/^\ufeff/, "")
	return text === "" || text.endsWith("\n") ? text : text + (text.includes("\r\n") ? "\r\n" : "\n")
}

function scriptNotes(
	{ target, isExecutable }: NotedSource,
	{ hasShebang, hasBom, hasCrlf }: NonNullable<NotedSource["traits"]>,
	uses: readonly SourceUse[],
): SourceNote[] {
	if (!hasShebang && !scriptName.test(target)) return []
	const isMade = uses.length > 0 && uses.every(({ mode }) => mode !== undefined && /[1357]/.test(mode.slice(-3)))
	const notes: (SourceNote | false)[] = [
		hasCrlf && {
			rule: "script-crlf",
			message: "this script has Windows line ends (CRLF)",
			remedy: "the appliance takes the carriage return for a part of the command; write plain line ends",
			mend: { label: "write plain line ends", kind: "text", change: "line-ends" },
		},
		hasBom && {
			rule: "script-bom",
			message: "this script begins with a byte order mark",
			remedy: "the appliance does not find its interpreter then; take the mark out",
			mend: { label: "take the mark out", kind: "text", change: "no-bom" },
		},
		hasShebang &&
			!isExecutable &&
			!isMade && {
				rule: "script-not-executable",
				message: "this script begins with #! and is not executable",
				remedy: "a new file on the appliance takes the mode of its source; make it executable",
				mend: { label: "make it executable", kind: "executable" },
			},
	]
	return notes.filter((note) => note !== false)
}

const scriptName = /\.(sh|bash|dash|ksh|zsh|py|pl|rb|awk|sed)$/i

const finalNewline: SourceNote = {
	rule: "no-final-newline",
	message: "the last line has no end",
	remedy: "many programs overlook or garble a last line without one; add it",
	mend: { label: "add the line end", kind: "text", change: "final-newline" },
}

function notesOfUse({ target }: NotedSource, uses: readonly SourceUse[]): SourceNote[] {
	if (uses.length === 0) return unremarkable.test(target) ? [] : [unused]
	const pools = [...new Set(uses.map(({ name }) => name))]
	if (new Set(uses.map(({ pool }) => pool)).size < 2) return []
	const names = pools.length > 3 ? `${pools.slice(0, 3).join(", ")} and ${pools.length - 3} more` : pools.join(", ")
	return [
		{
			rule: "source-in-two-pools",
			message: `more than one pool uses this file: ${names}`,
			remedy: "a change here changes each of them; make a copy where they shall differ",
		},
	]
}

const unused: SourceNote = {
	rule: "source-unused",
	message: "no operation uses this file",
	remedy: "add it to a pool, or remove it",
	mend: { label: "remove it", kind: "remove" },
}

function secretNotes(secrets: SourceTraits["secrets"]): SourceNote[] {
	const remedy = "it goes into git and onto every appliance; read it there from a file of the appliance instead"
	const told = secrets.slice(0, MAX_SECRETS).map(
		({ line, what }): SourceNote => ({
			rule: "secret",
			message: `line ${line} looks like ${what}`,
			remedy,
			line,
		}),
	)
	const rest = secrets.length - told.length
	return rest > 0 ? [...told, { rule: "secret", message: `${rest} more lines look like secrets`, remedy }] : told
}

function largeNote(size: number): SourceNote {
	return {
		rule: "source-large",
		message: `this file has ${Math.round(size / 1024 / 1024)} MiB`,
		remedy: LARGE_REMEDY,
	}
}
