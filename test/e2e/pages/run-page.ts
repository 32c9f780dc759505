import { expect, type Page } from "@playwright/test"

/** Choosing a module and where it goes. */
export class RunPage {
	readonly page: Page
	constructor(page: Page) {
		this.page = page
	}

	/** The one way forward: first to the review, then to the run. */
	get goButton() {
		return this.page.getByRole("button", { name: /^(Review|Run( on \d+ appliances)?)$/ })
	}

	get runButton() {
		return this.page.getByRole("button", { name: /^Run( on \d+ appliances)?$/ })
	}

	get reviewButton() {
		return this.page.getByRole("button", { name: "Review", exact: true })
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
		await this.reviewRow(appliance).getByRole("button").click()
	}

	/** An appliance's line in the review of several. */
	reviewRow(appliance: string) {
		return this.page.getByRole("region", { name: "Appliances reviewed" }).getByRole("row", { name: appliance })
	}

	get reviewRows() {
		return this.page.getByRole("region", { name: "Appliances reviewed" }).locator("tbody").getByRole("row")
	}

	/** Starts what was reviewed; reviews it first where nobody has. */
	async start() {
		await expect(this.goButton).toBeEnabled({ timeout: 120_000 })
		if (await this.reviewButton.isVisible()) await this.reviewButton.click()
		await this.runButton.click({ timeout: 120_000 })
	}
}
