import { createStore, type StoreApi } from "zustand/vanilla"
import type { LibraryOpened, SourceContent } from "../../core/schema/library.ts"
import { normalTarget, writtenTarget } from "../../core/schema/manifest.ts"
import { changeText, type TextChange } from "../../core/schema/source-notes.ts"
import type { Api } from "../rpc/api.ts"
import { failureOf } from "../rpc/problem.ts"
import { DRAFT_EVERY_MS } from "./draft-interval.ts"
import { OWN_WINDOW } from "./own-window.ts"
import {
	type Draft,
	isTyped,
	maySave,
	openLost,
	openSource,
	type SourceText,
	withChoice,
	withDiscarded,
	withNews,
	withReplaced,
	withStored,
} from "./source-text.ts"

/** A source that somebody looked at. */
export type SourceState =
	| { state: "reading" }
	| { state: "failed"; error: unknown }
	| { state: "binary"; content: SourceContent }
	| { state: "text"; source: SourceText }

export interface SourcesShown {
	selected?: string | undefined
	texts: Readonly<Record<string, SourceState>>
}

/** The texts below `src/` of one module, and all that may be done to them. */
export interface SourceTexts {
	store: StoreApi<SourcesShown>
	select(target: string | undefined): void
	/** Reads it where nobody has yet; resolves when it is there. */
	open(target: string): Promise<void>
	type(target: string, text: string): void
	/** Saves the mended text where nothing else was typed; else the mend waits with the rest. */
	mend(target: string, change: TextChange): Promise<boolean>
	/** True when what was typed is on disk afterwards. */
	save(target: string): Promise<boolean>
	saveAll(): Promise<boolean>
	choose(target: string, choice: "ours" | "theirs"): void
	dismiss(target: string, what: "notice" | "problem"): void
	/** Takes back all that was typed, draft included. */
	discard(target: string): void
	/** It has another name from now on. */
	moved(target: string, to: string): void
	/** A person removed it. */
	forget(target: string): void
	/** What the files are now. */
	tell(module: LibraryOpened): void
}

/** The sources in which something is typed that is not on disk. */
export function typedTargets({ texts }: SourcesShown): string[] {
	return Object.entries(texts).flatMap(([target, one]) => (one.state === "text" && isTyped(one.source) ? [target] : []))
}

export function countTyped(shown: SourcesShown): number {
	return typedTargets(shown).length
}

export function createSourceTexts(api: Api, folder: string): SourceTexts {
	const store = createStore<SourcesShown>(() => ({ texts: {} }))
	const drafts = new Map<string, Draft>()
	const timers = new Map<string, ReturnType<typeof setTimeout>>()
	/** Names under which a draft of a text may be left, by the name that it has now. */
	const former = new Map<string, string[]>()
	/** Files whose news came while they were saved. */
	const missed = new Set<string>()
	let isTold = false

	const put = (target: string, state: SourceState | undefined) =>
		store.setState(({ texts }) => {
			const { [target]: _, ...others } = texts
			return { texts: state ? { ...others, [target]: state } : others }
		})
	const textOf = (target: string) => {
		const now = store.getState().texts[target]
		return now?.state === "text" ? now.source : undefined
	}
	const change = (target: string, update: (source: SourceText) => SourceText | "drop") => {
		const before = textOf(target)
		const after = before && update(before)
		if (!after || after === before) return
		put(target, after === "drop" ? undefined : { state: "text", source: after })
		if (after !== "drop" && after.text !== before.text) keepLater(target)
	}

	/** Keeps what is typed outside of the module; nothing is kept of what is on disk. */
	const keepText = async ({ target, text, base, takenUp }: SourceText) => {
		const at = { folder, target: writtenTarget(target), window: OWN_WINDOW, ...(takenUp && { takenUp }) }
		if (isTyped({ text, base })) await api.library.keepDraft({ ...at, text, ...(base.digest && { base: base.digest }) })
		else await dropDrafts(target, takenUp)
	}
	const dropDrafts = (target: string, takenUp: string[] | undefined) =>
		api.library.dropDrafts({
			...{ folder, target: writtenTarget(target), window: OWN_WINDOW },
			...(takenUp && { takenUp }),
		})
	/** The drafts under names that it had before; what is typed under such a name now stays kept. */
	const dropFormer = async (target: string) => {
		for (const name of former.get(target) ?? []) {
			const other = textOf(name)
			const takenUp = textOf(target)?.takenUp
			if (!other || !isTyped(other)) await dropDrafts(name, takenUp)
		}
		former.delete(target)
	}
	/** At most once in a while. */
	const keep = async (target: string) => {
		const source = textOf(target)
		let isDone = false
		try {
			if (source) await keepText(source)
			// A draft that is not taken up yet lies under its former name.
			if (source || !drafts.has(target)) await dropFormer(target)
			isDone = true
			change(target, (one) => (one.problem?.kind === "draft" ? { ...one, problem: undefined } : one))
		} catch (error) {
			change(target, (one) => ({ ...one, problem: { kind: "draft", error } }))
		}
		timers.delete(target)
		const now = textOf(target)
		// What was kept names the text that the typing began from, and a save may have ended meanwhile.
		const isOther = source && now && (now.text !== source.text || now.base !== source.base)
		if (isOther || (!isDone && now)) keepLater(target)
	}
	const keepLater = (target: string) => {
		if (!timers.has(target))
			timers.set(
				target,
				setTimeout(() => void keep(target), DRAFT_EVERY_MS),
			)
	}

	const read = async (target: string) => {
		const draft = drafts.get(target)
		/** It was renamed or removed meanwhile. */
		const isLeft = () => store.getState().texts[target] === undefined
		try {
			const content = { ...(await api.library.readSource({ folder, target: writtenTarget(target) })), target }
			if (isLeft()) return
			const { text } = content
			if (text === undefined) put(target, { state: "binary", content })
			else put(target, { state: "text", source: openSource({ ...content, text }, draft) })
			drafts.delete(target)
			if (former.has(target)) keepLater(target)
		} catch (error) {
			if (isLeft()) return
			const isLost = draft && failureOf(error)?.code === "not-found"
			put(target, isLost ? { state: "text", source: openLost(target, draft) } : { state: "failed", error })
		}
	}
	const open = async (target: string) => {
		const now = store.getState().texts[target]
		if (now && now.state !== "failed") return
		put(target, { state: "reading" })
		await read(target)
	}

	/** The file changed since: its news are for a text that is open, anything else is simply read anew. */
	const refresh = async (target: string): Promise<void> => {
		const now = store.getState()
		if (now.texts[target]?.state !== "text") return now.selected === target ? read(target) : put(target, undefined)
		const base = textOf(target)?.base
		const found = await readNow(target)
		const source = textOf(target)
		if (!source) return
		// What was read may be older than a save that is under way, or was meanwhile.
		if (source.saving !== undefined) return void missed.add(target)
		if (source.base !== base) return refresh(target)
		if ("error" in found) return change(target, (one) => ({ ...one, problem: { kind: "read", error: found.error } }))
		change(target, (one) => withNews(one, found.content))
		const { content } = found
		if (content && content.text === undefined && !textOf(target)) put(target, { state: "binary", content })
	}
	/** Without content where there is no file. */
	const readNow = async (target: string): Promise<{ content?: SourceContent } | { error: unknown }> => {
		try {
			return { content: { ...(await api.library.readSource({ folder, target: writtenTarget(target) })), target } }
		} catch (error) {
			return failureOf(error)?.code === "not-found" ? {} : { error }
		}
	}

	const save = async (target: string) => {
		const source = textOf(target)
		if (!source || !isTyped(source)) return true
		if (!maySave(source)) return false
		const { text, base, takenUp } = source
		change(target, (one) => ({ ...one, saving: text }))
		try {
			const result = await api.library.save({
				folder,
				target: writtenTarget(target),
				text,
				window: OWN_WINDOW,
				...(takenUp && { takenUp }),
				...(base.digest && { base: base.digest }),
			})
			if (result.state === "saved") {
				change(target, (one) => withStored(one, text, result.digest))
				// What was typed since began from the new text.
				if (textOf(target)?.text !== text) keepLater(target)
			}
			if (result.state === "conflict") change(target, (one) => ({ ...one, saving: undefined, conflict: result.theirs }))
			return result.state === "saved"
		} catch (error) {
			change(target, (one) => ({ ...one, saving: undefined, problem: { kind: "save", error } }))
			return false
		} finally {
			if (missed.delete(target)) void refresh(target)
		}
	}

	const select = (target: string | undefined) => {
		store.setState({ selected: target })
		if (target !== undefined) void open(target)
	}

	return {
		store,
		open,
		save,
		select,
		type: (target, text) => change(target, (source) => (text === source.text ? source : { ...source, text })),
		async mend(target, how) {
			await open(target)
			const before = textOf(target)
			if (!before) return false
			const isOther = isTyped(before)
			change(target, (source) => withReplaced(source, changeText(source.text, how)))
			return isOther || save(target)
		},
		async saveAll() {
			const results = await Promise.all(Object.keys(store.getState().texts).map(save))
			return results.every(Boolean)
		},
		choose: (target, choice) => change(target, (source) => withChoice(source, choice)),
		dismiss: (target, what) => change(target, (source) => ({ ...source, [what]: undefined })),
		discard(target) {
			const source = textOf(target)
			if (source?.base.digest === undefined) {
				put(target, undefined)
				void dropDrafts(target, source?.takenUp)
				return
			}
			change(target, withDiscarded)
		},
		moved(target, to) {
			const { texts, selected } = store.getState()
			const now = texts[target]
			const draft = drafts.get(target)
			if (draft) drafts.set(to, draft)
			drafts.delete(target)
			put(target, undefined)
			if (now?.state === "text") put(to, { state: "text", source: { ...now.source, target: to } })
			if (now?.state === "reading") void open(to)
			if (selected === target) select(to)
			former.set(
				to,
				[...(former.get(target) ?? []), target].filter((name) => name !== to),
			)
			former.delete(target)
			keepLater(to)
		},
		forget: (target) => put(target, undefined),
		tell(told) {
			if (!isTold)
				// The newest come first.
				for (const { target, ...draft } of told.drafts)
					if (target !== undefined && !drafts.has(normalTarget(target))) drafts.set(normalTarget(target), draft)
			isTold = true
			const digests = new Map(told.sources.map(({ target, digest }) => [target, digest]))
			for (const [target, now] of Object.entries(store.getState().texts))
				if (now.state !== "reading" && digests.get(target) !== digestOf(now)) void refresh(target)
			// A draft of a file that is gone is in no list: it is shown by itself.
			for (const target of drafts.keys()) if (!digests.has(target)) void open(target)
		},
	}
}

function digestOf(state: SourceState): string | undefined {
	if (state.state === "text") return state.source.base.digest
	return state.state === "binary" ? state.content.digest : undefined
}
