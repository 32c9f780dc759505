import type { Page } from "@playwright/test"

/** Files of appliances in the editor: fetched, and compared. */
export class FromAppliancePage {
	readonly page: Page
	constructor(page: Page) {
		this.page = page
	}

	async open() {
		await this.page.getByRole("tab", { name: "From appliance" }).click()
	}

	async chooseAppliance(name: string) {
		await this.page.getByRole("combobox", { name: "Appliance", exact: true }).click()
		await this.page.getByRole("option", { name }).click()
	}

	entry(name: string | RegExp) {
		return this.page.getByRole("list", { name: "Files and folders" }).getByRole("button", { name })
	}

	get folder() {
		return this.page.getByRole("navigation", { name: "Folder" })
	}

	get search() {
		return this.page.getByRole("textbox", { name: "Search in this folder" })
	}

	get fetchButton() {
		return this.page.getByRole("button", { name: /^Fetch( \d|$)/ })
	}

	get fetched() {
		return this.page.getByRole("list", { name: "Fetched files" })
	}

	/** Chooses what is compared, and compares. */
	async compareWith(names: string[]) {
		await this.page.getByText("Compare with appliance", { exact: true }).click()
		await this.page.getByRole("combobox", { name: "Appliances" }).click()
		for (const name of names) await this.page.getByRole("option", { name }).click()
		await this.page.keyboard.press("Escape")
		await this.page.getByRole("button", { name: "Compare", exact: true }).click()
	}

	variants(destination: string) {
		return this.page.getByRole("list", { name: `Variants of ${destination}` }).getByRole("button")
	}
}
