/** Text that is HTML already. */
export class Html {
	readonly text: string
	constructor(text: string) {
		this.text = text
	}
}

type Part = string | number | undefined | Html | readonly Part[]

/** HTML with its values put in as text; only what is `Html` already stays as it is. */
export function html(fixed: TemplateStringsArray, ...values: Part[]): Html {
	return new Html(fixed.reduce((all, piece, index) => all + textOf(values[index - 1]) + piece))
}

function textOf(part: Part): string {
	if (part === undefined) return ""
	if (part instanceof Html) return part.text
	if (Array.isArray(part)) return part.map(textOf).join("")
	return escapeHtml(String(part))
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }

/** Marks that would reorder or hide what stands around them are shown as what they are. */
const HIDDEN = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g

function escapeHtml(text: string): string {
	return (
		text
			.replace(/\r\n?/g, "\n")
			.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "")
			.replace(HIDDEN, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`)
			// biome-ignore lint/suspicious/noControlCharactersInRegex: they have no place in a page
			.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "\ufffd")
	)
}
