import type { Page } from "@playwright/test"

/** The keys that sign what is published. */
export class SigningPage {
	readonly page: Page
	constructor(page: Page) {
		this.page = page
	}

	/** A key, by its comment, among those that sign or those that could. */
	key(comment: string, which: "Keys that sign" | "Keys that could sign") {
		const rows = this.page.getByRole("table", { name: which }).getByRole("row")
		return rows.filter({ has: this.page.getByRole("rowheader", { name: comment }) })
	}

	get makeButton() {
		return this.page.getByRole("button", { name: "Make a key" })
	}

	/** In words, beside the heading of those that sign. */
	get count() {
		return this.page.getByRole("region", { name: "Keys that sign" }).getByRole("status")
	}

	async sign(comment: string) {
		await this.page.getByRole("button", { name: `Sign by ${comment}`, exact: true }).click()
	}

	async copyLine(comment: string) {
		await this.page.getByRole("button", { name: `Copy the trusted-keys line of ${comment}` }).click()
	}

	async lookAgain() {
		await this.page.getByRole("button", { name: "Look again" }).click()
	}
}
