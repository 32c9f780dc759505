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
		await this.page.getByText("Compare appliances", { exact: true }).click()
		await this.page.getByRole("combobox", { name: "Appliances" }).click()
		for (const name of names) await this.page.getByRole("option", { name }).click()
		await this.page.keyboard.press("Escape")
		await this.compareButton.click()
	}

	get compareButton() {
		return this.page.getByRole("button", { name: "Compare", exact: true })
	}

	/** How far a comparison is. */
	get comparing() {
		return this.page.getByRole("status", { name: "Comparing" })
	}

	variants(destination: string) {
		return this.page.getByRole("list", { name: `Variants of ${destination}` }).locator("button[aria-expanded]")
	}

	/** The variant of a destination that an appliance has. */
	variantOn(destination: string, appliance: string) {
		return this.page
			.getByRole("list", { name: `Variants of ${destination}` })
			.getByRole("listitem")
			.filter({ has: this.page.getByRole("button", { name: new RegExp(`appliances? .*${appliance}`) }) })
	}
}
