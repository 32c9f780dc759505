import type { Page } from "@playwright/test"

/** What is to know before the first change of a rollout. */
export class PreparePage {
	readonly page: Page
	constructor(page: Page) {
		this.page = page
	}

	get lookButton() {
		return this.page.getByRole("button", { name: /^Look (at|again)/ })
	}

	get stopButton() {
		return this.page.getByRole("button", { name: "Stop", exact: true })
	}

	get standing() {
		return this.page.getByRole("status", { name: "Looking" })
	}

	panel(name: "Reach and findings" | "Variants" | "Proposed canary") {
		return this.page.getByRole("region", { name, exact: true })
	}

	get findings() {
		return this.page.getByRole("list", { name: "Findings" }).locator(":scope > li")
	}

	get canary() {
		return this.page.getByRole("list", { name: "Canary" }).locator(":scope > li")
	}
}
