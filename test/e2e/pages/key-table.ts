import type { Page } from "@playwright/test"

/** The dialog in which several unknown host keys are reviewed. */
export class KeyTable {
	readonly page: Page
	constructor(page: Page) {
		this.page = page
	}

	get dialog() {
		return this.page.getByRole("dialog", { name: "Are these really your appliances?" })
	}

	/** One row per host key, in their order. */
	get rows() {
		return this.dialog.getByRole("row").filter({ has: this.page.getByRole("rowheader") })
	}

	row(appliance: string) {
		return this.rows.filter({ has: this.page.getByRole("rowheader", { name: appliance }) })
	}

	box(appliance: string) {
		return this.dialog.getByRole("checkbox", { name: `Trust ${appliance}` })
	}

	get list() {
		return this.dialog.getByRole("textbox", { name: "Select by a list" })
	}

	button(name: string | RegExp) {
		return this.dialog.getByRole("button", { name })
	}
}
