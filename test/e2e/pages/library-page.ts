import type { Page } from "@playwright/test"

/** The list of modules. */
export class LibraryPage {
	readonly page: Page
	constructor(page: Page) {
		this.page = page
	}

	row(name: string) {
		return this.page.getByRole("row").filter({ has: this.page.getByRole("link", { name, exact: true }) })
	}

	/** The names in the order that they are shown. */
	names() {
		return this.page.getByRole("rowheader").getByRole("link").allTextContents()
	}

	async create(name: string, description = "") {
		await this.page.getByRole("button", { name: "New module" }).first().click()
		const dialog = this.page.getByRole("dialog", { name: "New module" })
		await dialog.getByLabel("Name").fill(name)
		await dialog.getByLabel("Description").fill(description)
		await dialog.getByRole("button", { name: "Create" }).click()
		await dialog.waitFor({ state: "hidden" })
	}

	async open(name: string) {
		await this.page.getByRole("link", { name, exact: true }).click()
	}

	async choose(name: string, what: RegExp) {
		await this.page.getByRole("button", { name: `More for ${name}` }).click()
		await this.page.getByRole("menuitem", { name: what }).click()
	}
}
