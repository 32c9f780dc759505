import type { SourceContent } from "../../core/schema/library.ts"
import type { Theirs } from "./module-document.ts"

/** A text below `src/` that is being edited. What is typed leaves it by a person's doing alone. */
export interface SourceText {
	target: string
	text: string
	/** Drafts that the typing began from; they go with it. */
	takenUp?: string[] | undefined
	/** Another one for each text that was not typed: an editor shows it then. */
	revision: number
	/** The text on disk that the typing began from; without digest there is no file. */
	base: { text: string; digest?: string | undefined }
	/** The text that is being saved just now. */
	saving?: string | undefined
	/** Set while two texts wait for a person to choose; nothing is saved then. */
	conflict?: Theirs | undefined
	/** What happened without the person's doing. */
	notice?: "draft-restored" | "taken-over" | "removed" | undefined
	/** What did not succeed last. */
	problem?: { kind: "save" | "draft" | "read"; error: unknown } | undefined
}

/** A text as a draft keeps it. */
export interface Draft {
	id: string
	text: string
	base?: string | undefined
}

let revisions = 0

export function isTyped({ text, base }: Pick<SourceText, "text" | "base">): boolean {
	return base.digest === undefined || text !== base.text
}

/** A source as it is opened; a draft of it is taken up, since nothing that was typed is lost. */
export function openSource(content: SourceContent & { text: string }, draft?: Draft): SourceText {
	const { target, text, digest } = content
	const opened: SourceText = { target, text, revision: ++revisions, base: { text, digest } }
	if (!draft || draft.text === text) return opened
	const restored: SourceText = { ...opened, text: draft.text, takenUp: [draft.id], notice: "draft-restored" }
	return draft.base === digest ? restored : { ...restored, conflict: { text, digest } }
}

/** A draft whose file is gone. */
export function openLost(target: string, draft: Draft): SourceText {
	const { text, id } = draft
	return { target, text, takenUp: [id], revision: ++revisions, base: { text: "" }, notice: "draft-restored" }
}

/** A text that was not typed: a mend, a choice, news from the disk. */
export function withReplaced(source: SourceText, text: string): SourceText {
	return text === source.text ? source : { ...source, text, revision: ++revisions }
}

/** The file is another one, or none any more. `drop`: nothing is typed, and there is no text to show. */
export function withNews(source: SourceText, content: SourceContent | undefined): SourceText | "drop" {
	if (content === undefined) {
		if (!isTyped(source)) return "drop"
		return { ...source, base: { text: "" }, conflict: undefined, notice: "removed" }
	}
	const { text, digest } = content
	// What was in the way is not there any more. A draft of another text waits for a person though nobody wrote.
	if (digest === source.base.digest)
		return source.conflict && source.conflict.digest !== digest ? { ...source, conflict: undefined } : source
	if (text === source.text) return { ...source, base: { text, digest }, conflict: undefined }
	if (isTyped(source)) return { ...source, conflict: { text, digest } }
	if (text === undefined) return "drop"
	return { ...withReplaced(source, text), base: { text, digest }, notice: "taken-over" }
}

export function withStored(source: SourceText, text: string, digest: string): SourceText {
	const settled = { conflict: undefined, problem: undefined, notice: undefined, saving: undefined }
	return { ...source, ...settled, base: { text, digest } }
}

/** Ours: the next save writes over theirs. Theirs: ours is one undo away. */
export function withChoice(source: SourceText, choice: "ours" | "theirs"): SourceText {
	const { conflict } = source
	if (!conflict || (choice === "theirs" && conflict.text === undefined)) return source
	const { text = "", digest } = conflict
	const chosen = choice === "ours" ? source : withReplaced(source, text)
	return { ...chosen, base: { text, digest }, conflict: undefined, notice: undefined, problem: undefined }
}

/** Nothing that was typed shall stand; what is on disk does, and that is another text where somebody wrote meanwhile. */
export function withDiscarded(source: SourceText): SourceText {
	if (source.conflict?.text !== undefined) return withChoice(source, "theirs")
	return { ...withReplaced(source, source.base.text), notice: undefined }
}

export function maySave(source: SourceText): boolean {
	return isTyped(source) && !source.conflict && source.saving === undefined
}
