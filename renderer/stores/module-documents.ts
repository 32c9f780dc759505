import { createStore, type StoreApi } from "zustand/vanilla"
import type { Action } from "../../core/schema/document/pool-edits.ts"
import type { Told } from "../../core/schema/document/typed-findings.ts"
import type { Finding } from "../../core/schema/finding.ts"
import type { LibraryOpened } from "../../core/schema/library.ts"
import type { Api } from "../rpc/api.ts"
import { followAnew } from "../rpc/follow-anew.ts"
import { DRAFT_EVERY_MS } from "./draft-interval.ts"
import { createFollowers } from "./followers.ts"
import {
	canSave,
	type Editing,
	isDirty,
	keepOurs,
	makeChecked,
	mergeByHand,
	openEditing,
	type Selected,
	takeTheirs,
	withAction,
	withChange,
	withDiscarded,
	withRawText,
	withRedo,
	withSaved,
	withUndo,
	withValue,
} from "./module-document.ts"
import { OWN_WINDOW } from "./own-window.ts"
import { createSourceAdding, type SourceAdding } from "./source-adding.ts"
import { countTyped, createSourceTexts, type SourceTexts } from "./source-texts.ts"
import { createSourceTraits, type SourceTraitsStore } from "./source-traits.ts"

/** A module in the editor: being opened, open, or why it cannot be. */
export type DocumentState =
	| { state: "opening" }
	| { state: "open"; editing: Editing }
	| { state: "failed"; error: unknown }

/** Finds what is wrong with a text, off the key's path; undefined where a newer question came before the answer. */
export type Finder = (text: string, told: Told) => Promise<Finding[] | undefined>

/** One module's document and all that may be done to it. */
export interface ModuleDocumentStore {
	folder: string
	store: StoreApi<DocumentState>
	/** The files below `src/`: what is typed in them, what is being added, what their bytes say. */
	sources: SourceTexts
	adding: SourceAdding
	traits: SourceTraitsStore
	/** Follows the files until the returned function is called. What is typed stays beyond that. */
	follow(): () => void
	/** Follows again after that failed, where anybody still follows. */
	retry(): void
	/** `field`: what is typed in one field at a stretch is one step. */
	act(action: Action, field?: string): void
	typeRaw(text: string): void
	undo(): void
	redo(): void
	select(selected: Selected): void
	/** Reads what the text says after it was typed in the raw view. */
	settle(): void
	/** True when what was typed, in index.json and in sources, is on disk afterwards. */
	save(): Promise<boolean>
	choose(choice: "ours" | "theirs" | "merge"): void
	dismiss(what: "notice" | "merging" | "problem"): void
	/** Undoes all that was typed, draft included. */
	discard(): void
}

export interface ModuleDocuments {
	of(folder: string): ModuleDocumentStore
	/** Whether something is typed anywhere that is not saved. */
	hasUnsaved(): boolean
}

const CHECK_AFTER_MS = 150
/** A pause in typing after which undo takes back what came later. */
const PAUSE_MS = 1200

/** The documents that were opened since the page was loaded, by folder. */
export function createModuleDocuments(api: Api, find: Finder): ModuleDocuments {
	const documents = new Map<string, ModuleDocumentStore>()
	return {
		of(folder) {
			const document = documents.get(folder) ?? createModuleDocument(api, find, folder)
			documents.set(folder, document)
			return document
		},
		hasUnsaved: () =>
			[...documents.values()].some(
				({ store, sources }) => hasUnsaved(store.getState()) || countTyped(sources.store.getState()) > 0,
			),
	}
}

function hasUnsaved(now: DocumentState): boolean {
	return now.state === "open" && isDirty(now.editing)
}

function createModuleDocument(api: Api, find: Finder, folder: string): ModuleDocumentStore {
	const store = createStore<DocumentState>(() => ({ state: "opening" }))
	const sources = createSourceTexts(api, folder)
	const editingNow = () => {
		const now = store.getState()
		return now.state === "open" ? now.editing : undefined
	}
	const change = (update: (editing: Editing) => Editing) => {
		const before = editingNow()
		if (!before) return
		const editing = update(before)
		if (editing === before) return
		store.setState({ state: "open", editing }, true)
		if (editing.module !== before.module) sources.tell(editing.module)
		if (editing.document !== before.document || editing.module !== before.module) check()
		if (editing.document !== before.document) keepDraft()
	}
	const check = createCheck(find, editingNow, change)
	const keepDraft = createDraftKeeper(api, folder, editingNow, change)
	const save = createSave(api, folder, editingNow, change, keepDraft)

	let typedAt = Number.NEGATIVE_INFINITY
	let stretch = 0
	/** A name for what is typed in one field without a pause. */
	const groupOf = (field: string | undefined) => {
		if (field === undefined) return undefined
		const now = performance.now()
		if (now - typedAt > PAUSE_MS) stretch++
		typedAt = now
		return `${field} ${stretch}`
	}
	const typeRaw = (text: string) => {
		change((editing) => withRawText(editing, text, groupOf("index.json") ?? ""))
	}

	const opened = (module: LibraryOpened) => {
		sources.tell(module)
		check()
	}
	const followers = createFollowers((_, signal) => void followFiles(api, folder, signal, store, change, opened))

	return {
		folder,
		store,
		sources,
		adding: createSourceAdding(api, folder),
		traits: createSourceTraits(api, folder),
		follow: () => followers.follow(folder),
		retry: () => followers.again(folder),
		act: (action, field) => change((editing) => withAction(editing, action, groupOf(field))),
		typeRaw,
		undo: () => change(withUndo),
		redo: () => change(withRedo),
		select: (selected) => change((editing) => ({ ...editing, selected })),
		settle: () => change(withValue),
		async save() {
			const [ofSources, ofIndex] = await Promise.all([sources.saveAll(), save()])
			return ofSources && ofIndex
		},
		choose: (choice) => change({ ours: keepOurs, theirs: takeTheirs, merge: mergeByHand }[choice]),
		dismiss: (what) => change((editing) => ({ ...editing, [what]: undefined })),
		discard: () => change(withDiscarded),
	}
}

type Now = () => Editing | undefined
type Change = (update: (editing: Editing) => Editing) => void

/** Reads the files first and follows them then, anew after a lost connection. */
async function followFiles(
	api: Api,
	folder: string,
	signal: AbortSignal,
	store: StoreApi<DocumentState>,
	change: Change,
	opened: (module: LibraryOpened) => void,
): Promise<void> {
	const followOnce = async () => {
		for await (const told of await api.library.follow({ folder }, { signal })) {
			if (store.getState().state === "open") change((editing) => withChange(editing, told))
			else if (told.type === "snapshot") {
				store.setState({ state: "open", editing: openEditing(told.module) }, true)
				opened(told.module)
			}
		}
		return "cut" as const
	}
	try {
		await followAnew(signal, followOnce)
	} catch (error) {
		// What is typed stays in sight; only a module that was never open has nothing else to show.
		if (store.getState().state !== "open") store.setState({ state: "failed", error }, true)
		else change((editing) => ({ ...editing, problem: { kind: "follow", error } }))
	}
}

/** Asks for findings when nobody types for a moment; the answer counts only for the text that it was asked for. */
function createCheck(find: Finder, now: Now, change: Change): () => void {
	let timer: ReturnType<typeof setTimeout> | undefined
	const ask = async () => {
		const editing = now()
		if (!editing) return
		const { document, module } = editing
		const present = module.sources.map(({ target }) => target)
		const findings = await find(document.text, { text: module.text, findings: module.findings, present })
		if (findings && now()?.document === document)
			change((one) => ({ ...one, checked: makeChecked(document, findings) }))
	}
	return () => {
		clearTimeout(timer)
		const editing = now()
		if (!editing) return
		// What is on disk was judged by whoever read it.
		if (editing.document.text === editing.module.text) {
			const { document, module } = editing
			change((one) => ({ ...one, checked: makeChecked(document, module.findings) }))
		} else timer = setTimeout(() => void ask(), CHECK_AFTER_MS)
	}
}

/** Keeps what is typed on disk, outside of the module, at most once in a while. */
function createDraftKeeper(api: Api, folder: string, now: Now, change: Change): () => void {
	let timer: ReturnType<typeof setTimeout> | undefined
	let isKept = false
	const keep = async () => {
		const editing = now()
		if (!editing) return
		const { document, base, takenUp } = editing
		const at = { folder, window: OWN_WINDOW }
		let isDone = false
		try {
			if (isDirty(editing)) {
				isKept = true
				await api.library.keepDraft({ ...at, takenUp, text: document.text, ...(base.digest && { base: base.digest }) })
			} else if (isKept || takenUp.length > 0) {
				await api.library.dropDrafts({ ...at, takenUp })
				isKept = false
			}
			isDone = true
			change((one) => (one.problem?.kind === "draft" ? { ...one, problem: undefined } : one))
		} catch (error) {
			change((one) => ({ ...one, problem: { kind: "draft", error } }))
		}
		timer = undefined
		const later = now()
		// What was kept names the text that the typing began from, and a save may have ended meanwhile.
		if (later && (!isDone || later.document !== document || later.base !== base)) plan()
	}
	const plan = () => {
		if (timer === undefined) timer = setTimeout(() => void keep(), DRAFT_EVERY_MS)
	}
	return plan
}

function createSave(api: Api, folder: string, now: Now, change: Change, keepDraft: () => void): () => Promise<boolean> {
	return async () => {
		const editing = now()
		if (!editing || editing.conflict) return false
		if (!isDirty(editing)) return true
		if (!canSave(editing)) return false
		const { text } = editing.document
		change((one) => ({ ...one, saving: text }))
		try {
			const { digest: base } = editing.base
			const drafts = { window: OWN_WINDOW, takenUp: editing.takenUp }
			const result = await api.library.save({ folder, text, ...(base && { base }), ...drafts })
			if (result.state === "saved") {
				change((one) => withSaved(one, text, result.digest))
				// What was typed since began from the new text.
				if (now()?.document.text !== text) keepDraft()
			} else change((one) => ({ ...one, saving: undefined, conflict: one.conflict ?? result.theirs }))
			return result.state === "saved"
		} catch (error) {
			change((one) => ({ ...one, saving: undefined, problem: { kind: "save", error } }))
			return false
		}
	}
}
