import { appendItems, insertItem, moveItem, removeValue, renameKey, setValue } from "../edit-index.ts"
import type { JsonPath } from "../json-text.ts"

/**
 * One change of an `index.json` as data. Every byte that it does not speak of stays: key order, unknown keys, spacing.
 * `text` is the raw view's: any text, also one that is no JSON.
 */
export type DocumentEdit =
	/** Replaces a value, or adds it where its key is new or its index the list's length. */
	| { kind: "set"; path: JsonPath; value: unknown }
	/** Puts an item before the one that has the index now. */
	| { kind: "insert"; path: JsonPath; value: unknown }
	/** Puts items behind the others of a list, which is made where it is not there. */
	| { kind: "append"; path: JsonPath; values: readonly unknown[] }
	/** Takes a key or an item out; nothing happens where it is not there. */
	| { kind: "remove"; path: JsonPath }
	/** Puts an item of a list at another place of it. */
	| { kind: "move"; path: JsonPath; to: number }
	| { kind: "rename"; path: JsonPath; name: string }
	| { kind: "text"; text: string }

/** The text after an edit. Throws where the path cannot exist, or the text is no JSON and the edit needs it to be. */
export function editText(text: string, edit: DocumentEdit): string {
	switch (edit.kind) {
		case "set":
			return setValue(text, edit.path, edit.value)
		case "insert":
			return insertItem(text, edit.path, edit.value)
		case "append":
			return appendItems(text, edit.path, edit.values)
		case "remove":
			return removeValue(text, edit.path)
		case "move":
			return moveItem(text, edit.path, edit.to)
		case "rename":
			return renameKey(text, edit.path, edit.name)
		case "text":
			return edit.text
	}
}
