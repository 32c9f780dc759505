import type { Page } from "@playwright/test"

/** Choosing a module and where it goes. */
export class RunPage {
	readonly page: Page
	constructor(page: Page) {
		this.page = page
	}

	get runButton() {
		return this.page.getByRole("button", { name: /^Run( on \d+ appliances)?$/ })
	}

	get planButton() {
		return this.page.getByRole("button", { name: "Plan", exact: true })
	}

	get findings() {
		return this.page.getByRole("region", { name: "index.json" })
	}

	/** A pool in the module or in a plan. */
	pool(id: string) {
		return this.page.getByRole("region", { name: `Pool ${id}` })
	}

	appliance(name: string) {
		return this.page.getByRole("checkbox", { name })
	}

	async openModule(folder: string) {
		await this.page.getByLabel("Path of the module's folder").fill(folder)
		await this.page.getByRole("button", { name: "Open", exact: true }).click()
	}

	async closeModule() {
		await this.page.getByRole("main").getByRole("button", { name: "Close", exact: true }).click()
	}

	async showTab(name: RegExp) {
		await this.page.getByRole("tab", { name }).click()
	}

	async planFor(appliance: string) {
		await this.page.getByRole("radiogroup", { name: "Plan for" }).getByText(appliance).click()
	}

	async start() {
		await this.runButton.click()
	}
}
