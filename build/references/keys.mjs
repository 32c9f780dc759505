import { MODIFIER, shortcuts } from "../../renderer/views/shell/shortcut-list.ts"
import { code, makePage, makeTable } from "./page.mjs"

export function keysPage() {
	return makePage(
		"Reference: keys",
		"What `?` lists in the app. Cmd in the place of Ctrl on a Mac. Keys of one view alone: [using the app](../using-the-app.md).",
		makeTable(
			["keys", "do", "where"],
			Object.values(shortcuts).map(({ keys, does, where }) => [
				keys.map((key) => code(key === MODIFIER ? "Ctrl" : key)).join(" "),
				does,
				where ?? "everywhere",
			]),
		),
	)
}
