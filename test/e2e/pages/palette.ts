import type { Page } from "@playwright/test"

/** Finds anything; used with the keyboard alone. */
export class Palette {
	readonly page: Page
	constructor(page: Page) {
		this.page = page
	}

	get dialog() {
		return this.page.getByRole("dialog", { name: "Commands" })
	}

	get input() {
		return this.dialog.getByRole("combobox")
	}

	get options() {
		return this.dialog.getByRole("option")
	}

	/** The one that Enter would choose. */
	get active() {
		return this.dialog.locator("[data-combobox-selected]")
	}

	async open() {
		await this.page.keyboard.press("ControlOrMeta+k")
	}

	/** Opens it, types and chooses what comes first. */
	async choose(typed: string) {
		await this.open()
		await this.page.keyboard.type(typed)
		await this.page.keyboard.press("Enter")
	}
}
