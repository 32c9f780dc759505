import type { Page } from "@playwright/test"

/** The strip above the view. */
export class Tour {
	readonly page: Page
	constructor(page: Page) {
		this.page = page
	}

	get strip() {
		return this.page.getByRole("complementary", { name: "Tour" })
	}

	async press(button: "Take the tour" | "Show me" | "Skip" | "Leave the tour" | "Done") {
		await this.strip.getByRole("button", { name: button }).click()
	}
}
