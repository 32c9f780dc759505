import type { Page } from "@playwright/test"

/** One module in the editor. */
export class EditorPage {
	readonly page: Page
	constructor(page: Page) {
		this.page = page
	}

	/** The pool that is chosen, with all its fields. */
	pool(id: string) {
		return this.page.getByRole("region", { name: `Pool ${id}`, exact: true })
	}

	get list() {
		return this.page.getByRole("listbox", { name: /^Pools/ })
	}

	row(name: string) {
		return this.list.getByRole("option", { name: new RegExp(`^${name}(\\s|$)`) })
	}

	/** The pools in the order that they are shown. */
	async names() {
		const texts = await this.list.getByRole("option").allInnerTexts()
		return texts.map((text) => text.trim().split("\n")[0])
	}

	field(label: string | RegExp) {
		return this.page.getByRole("textbox", { name: label })
	}

	get raw() {
		return this.page.getByRole("textbox", { name: "index.json" })
	}

	get findings() {
		return this.page.getByRole("button", { name: /^\d+ (fault|warning)/ })
	}

	get undo() {
		return this.page.getByRole("button", { name: /^(Undo: |Nothing to undo)/ })
	}

	get redo() {
		return this.page.getByRole("button", { name: /^(Redo: |Nothing to redo)/ })
	}

	/** "Saved", "Not saved yet" or "Saving". */
	status(words: string) {
		return this.page.getByRole("status").getByText(words, { exact: true })
	}

	async show(tab: "Pools" | "Sources" | "index.json" | "Publish" | "Versions") {
		await this.page.getByRole("tab", { name: new RegExp(`^${tab}`) }).click()
	}

	async save() {
		await this.page.keyboard.press("Control+s")
		await this.status("Saved").waitFor()
	}
}
