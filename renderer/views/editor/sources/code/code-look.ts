import { HighlightStyle, syntaxHighlighting } from "@codemirror/language"
import { EditorView } from "@codemirror/view"
import { tags } from "@lezer/highlight"

/** The theme's own variables, which reach into the shadow root: light and dark need nothing more. */
const frame = EditorView.theme({
	"&": { height: "100%", backgroundColor: "var(--panel)", color: "var(--ink)", fontSize: "0.75rem" },
	"&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-2px" },
	".cm-scroller": {
		fontFamily: "var(--mantine-font-family-monospace)",
		fontVariantLigatures: "none",
		lineHeight: "1.6",
		scrollbarWidth: "thin",
		scrollbarColor: "var(--line-strong) transparent",
	},
	".cm-content": { caretColor: "var(--ink)", padding: "6px 0" },
	".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--ink)" },
	".cm-gutters": { backgroundColor: "var(--sunken)", color: "var(--ink-faint)", borderRight: "1px solid var(--line)" },
	".cm-lineNumbers .cm-gutterElement": { padding: "0 8px 0 10px", minWidth: "34px" },
	".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--accent-soft) 45%, transparent)" },
	".cm-activeLineGutter": { backgroundColor: "var(--accent-soft)", color: "var(--ink)" },
	"&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
		background: "color-mix(in srgb, var(--accent) 28%, transparent)",
	},
	"&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--accent-soft)", outline: "1px solid var(--accent)" },
	".cm-searchMatch": { backgroundColor: "var(--warn-soft)", outline: "1px solid var(--warn-line)" },
	".cm-searchMatch-selected": { backgroundColor: "var(--warn-line)" },
	".cm-selectionMatch": { backgroundColor: "var(--mute-soft)" },
	".cm-specialChar": { color: "var(--bad)", backgroundColor: "var(--bad-soft)" },
	".cm-foldPlaceholder": { backgroundColor: "var(--mute-soft)", border: "none", color: "var(--ink-faint)" },
	".cm-panels": { backgroundColor: "var(--sunken)", color: "var(--ink)" },
	".cm-panels.cm-panels-top": { borderBottom: "1px solid var(--line)" },
	".cm-panel.cm-search, .cm-panel.cm-dialog": { padding: "6px 30px 6px 8px", fontFamily: "var(--mantine-font-family)" },
	".cm-panel.cm-search label": { fontSize: "0.75rem", display: "inline-flex", alignItems: "center", gap: "3px" },
	".cm-textfield": {
		backgroundColor: "var(--raised)",
		color: "var(--ink)",
		border: "1px solid var(--line-strong)",
		borderRadius: "4px",
		fontSize: "0.75rem",
		padding: "3px 7px",
	},
	".cm-textfield:focus-visible, .cm-button:focus-visible": {
		outline: "2px solid var(--accent)",
		outlineOffset: "-1px",
	},
	".cm-textfield::placeholder": { color: "var(--ink-faint)", opacity: "1" },
	".cm-button": {
		backgroundImage: "none",
		backgroundColor: "var(--raised)",
		color: "var(--ink)",
		border: "1px solid var(--line-strong)",
		borderRadius: "4px",
		fontSize: "0.75rem",
		padding: "2px 9px",
		cursor: "pointer",
	},
	".cm-button:hover": { backgroundColor: "var(--accent-soft)" },
	".cm-panel.cm-search [name=close], .cm-panel .cm-dialog-close": {
		color: "var(--ink-soft)",
		fontSize: "1rem",
		top: "4px",
		right: "8px",
		cursor: "pointer",
	},
})

const colours = HighlightStyle.define([
	{ tag: [tags.keyword, tags.operatorKeyword, tags.modifier, tags.tagName], color: "var(--ansi-magenta)" },
	{ tag: [tags.string, tags.special(tags.string), tags.attributeValue, tags.regexp], color: "var(--ansi-green)" },
	{ tag: [tags.comment, tags.meta, tags.processingInstruction], color: "var(--ink-faint)", fontStyle: "italic" },
	{ tag: [tags.number, tags.bool, tags.null, tags.atom, tags.unit, tags.color], color: "var(--ansi-yellow)" },
	{
		tag: [
			tags.propertyName,
			tags.attributeName,
			tags.labelName,
			tags.definition(tags.propertyName),
			tags.definition(tags.variableName),
		],
		color: "var(--ansi-blue)",
	},
	{ tag: [tags.typeName, tags.className, tags.namespace, tags.standard(tags.name)], color: "var(--ansi-cyan)" },
	{ tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: "var(--ansi-blue)" },
	{ tag: tags.special(tags.variableName), color: "var(--ansi-cyan)" },
	{ tag: tags.heading, fontWeight: "600" },
	{ tag: tags.emphasis, fontStyle: "italic" },
	{ tag: tags.strong, fontWeight: "600" },
	{ tag: [tags.link, tags.url], color: "var(--ansi-blue)", textDecoration: "underline" },
	{ tag: tags.invalid, color: "var(--bad)" },
])

export const codeLook = [frame, syntaxHighlighting(colours)]
