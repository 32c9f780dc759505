import { defaultKeymap, history, historyField, historyKeymap, indentWithTab } from "@codemirror/commands"
import { bracketMatching, indentOnInput, indentUnit } from "@codemirror/language"
import { gotoLine, highlightSelectionMatches, openSearchPanel, search, searchKeymap } from "@codemirror/search"
import { Compartment, EditorState, type Extension, Text } from "@codemirror/state"
import {
	drawSelection,
	EditorView,
	highlightActiveLine,
	highlightActiveLineGutter,
	highlightSpecialChars,
	keymap,
	lineNumbers,
} from "@codemirror/view"
import { codeLook } from "./code-look.ts"
import { languageOf } from "./language-of.ts"
import { loadLanguage } from "./languages.ts"
import { separatorOf } from "./line-ends.ts"

/** A text editor within a shadow root, where its styles are a constructed sheet: the page's policy knows no others. */
export interface CodeEditor {
	/** Shows another text; what is typed since stays one undo away. */
	replace(text: string): void
	goToLine(line: number): void
	openSearch(): void
	askLine(): void
	focus(): void
	/** What it is now, to go on from later, undo included. */
	state(): EditorState
	destroy(): void
}

export interface CodeEditorOptions {
	root: ShadowRoot
	/** For screen readers. */
	label: string
	/** The source's path, for its colours. */
	target: string
	text: string
	/** Where somebody left off, undo included; `text` is what counts. */
	kept?: EditorState | undefined
	onType(text: string): void
}

export function createCodeEditor({ root, label, target, text, kept, onType }: CodeEditorOptions): CodeEditor {
	const [language, lineEnds] = [new Compartment(), new Compartment()]
	const extensions: Extension[] = [
		lineEnds.of(EditorState.lineSeparator.of(separatorOf(text))),
		language.of([]),
		EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", autocorrect: "off" }),
		EditorView.updateListener.of(({ docChanged, state }) => docChanged && onType(textOf(state))),
		...commonExtensions,
		indentUnit.of(indentOf(text)),
	]
	const state = kept
		? EditorState.fromJSON(kept.toJSON(keptFields), { extensions }, keptFields)
		: EditorState.create({ doc: text, extensions })
	const view = new EditorView({ state, parent: root, root })
	const name = languageOf(target, view.state.doc.line(1).text)
	// Colours come when they are there; typing waits for nothing.
	if (name) void loadLanguage(name).then((support) => view.dispatch({ effects: language.reconfigure(support) }))

	const replace = (after: string) => {
		if (after === textOf(view.state)) return
		const separator = separatorOf(after)
		const changes = changeBetween(view.state.doc, Text.of(after.split(separator)))
		view.dispatch({ effects: lineEnds.reconfigure(EditorState.lineSeparator.of(separator)), changes })
	}
	replace(text)

	return {
		replace,
		goToLine(line) {
			const { from } = view.state.doc.line(Math.max(1, Math.min(line, view.state.doc.lines)))
			view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) })
			view.focus()
		},
		openSearch: () => void openSearchPanel(view),
		askLine: () => void gotoLine(view),
		focus: () => view.focus(),
		state: () => view.state,
		destroy: () => view.destroy(),
	}
}

const keptFields = { history: historyField }

const commonExtensions: Extension[] = [
	lineNumbers(),
	highlightActiveLineGutter(),
	highlightActiveLine(),
	highlightSpecialChars(),
	history(),
	drawSelection(),
	indentOnInput(),
	bracketMatching(),
	search({ top: true }),
	highlightSelectionMatches(),
	EditorState.tabSize.of(4),
	EditorState.phrases.of({
		go: "Go",
		next: "Next",
		previous: "Previous",
		all: "All",
		close: "Close",
		replace: "Replace one",
		"replace all": "Replace all",
	}),
	// Escape, then Tab leaves the editor: CodeMirror itself lets Tab through for two seconds then.
	keymap.of([...searchKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab]),
	codeLook,
]

/** The text with its own line ends. */
function textOf(state: EditorState): string {
	return state.sliceDoc()
}

/** The smallest change that makes one text the other, so that the caret and the view stay where they are. */
function changeBetween(before: Text, after: Text): { from: number; to: number; insert: Text } {
	const [a, b] = [before.toString(), after.toString()]
	let start = 0
	while (start < a.length && start < b.length && a[start] === b[start]) start++
	let end = 0
	while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++
	return { from: start, to: a.length - end, insert: after.slice(start, b.length - end) }
}

/** As the file itself is indented. */
function indentOf(text: string): string {
	const [found] = /^(\t| {2,8})(?=\S)/m.exec(text) ?? []
	return found === undefined || found === "\t" ? "\t" : found
}
