import type { Page } from "@playwright/test"

/** "Try it" of the pool that is chosen in the editor. */
export class TryPage {
	readonly page: Page
	constructor(page: Page) {
		this.page = page
	}

	get panel() {
		return this.page.getByRole("region", { name: "Try it" })
	}

	get result() {
		return this.panel.getByRole("region", { name: "Result" })
	}

	verdict(test: RegExp) {
		return this.result.getByRole("list", { name: "Tests" }).getByRole("listitem").filter({ hasText: test })
	}

	async chooseAppliance(name: string) {
		await this.panel.getByRole("combobox", { name: "Appliance to try it on" }).click()
		await this.page.getByRole("option", { name }).click()
	}

	async press(name: "Prove it" | "Plan" | "Rehearse" | "Apply …" | "Apply the pool" | "Stop") {
		await this.panel.getByRole("button", { name, exact: true }).click()
	}
}
