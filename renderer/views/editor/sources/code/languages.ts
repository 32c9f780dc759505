import { LanguageSupport, StreamLanguage, type StreamParser } from "@codemirror/language"
import type { LanguageName } from "./language-of.ts"

const stream = (parser: StreamParser<unknown>) => new LanguageSupport(StreamLanguage.define(parser))

/** Each in a piece of the page of its own, loaded when a text of its kind is opened. */
const loaders: Record<LanguageName, () => Promise<LanguageSupport>> = {
	javascript: async () => (await import("@codemirror/lang-javascript")).javascript({ jsx: true }),
	typescript: async () => (await import("@codemirror/lang-javascript")).javascript({ jsx: true, typescript: true }),
	json: async () => (await import("@codemirror/lang-json")).json(),
	html: async () => (await import("@codemirror/lang-html")).html(),
	css: async () => (await import("@codemirror/lang-css")).css(),
	python: async () => (await import("@codemirror/lang-python")).python(),
	yaml: async () => (await import("@codemirror/lang-yaml")).yaml(),
	xml: async () => (await import("@codemirror/lang-xml")).xml(),
	markdown: async () => (await import("@codemirror/lang-markdown")).markdown(),
	shell: async () => stream((await import("@codemirror/legacy-modes/mode/shell")).shell),
	properties: async () => stream((await import("@codemirror/legacy-modes/mode/properties")).properties),
	nginx: async () => stream((await import("@codemirror/legacy-modes/mode/nginx")).nginx),
	dockerfile: async () => stream((await import("@codemirror/legacy-modes/mode/dockerfile")).dockerFile),
	sql: async () => stream((await import("@codemirror/legacy-modes/mode/sql")).standardSQL),
	php: async () => (await import("@codemirror/lang-php")).php(),
}

export function loadLanguage(name: LanguageName): Promise<LanguageSupport> {
	return loaders[name]()
}
