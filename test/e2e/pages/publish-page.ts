import type { Page } from "@playwright/test"

/** Publishing a module, and its versions. */
export class PublishPage {
	readonly page: Page
	constructor(page: Page) {
		this.page = page
	}

	get button() {
		return this.page.getByRole("button", { name: /^Publish / })
	}

	version(version: string) {
		return this.page.getByRole("radio", { name: version, exact: true })
	}

	change(path: string) {
		return this.page.getByRole("button", { name: new RegExp(`^${path.replaceAll(".", "\\.")}`) })
	}

	difference(path: string) {
		return this.page.getByRole("region", { name: `Difference of ${path}` })
	}

	row(version: string) {
		return this.page.getByRole("row").filter({ has: this.page.getByRole("rowheader", { name: version }) })
	}

	async publish(note = "") {
		await this.page.getByRole("textbox", { name: "Note" }).fill(note)
		await this.button.click()
	}

	async compare(from: string, to: string) {
		for (const [side, version] of [
			["From", from],
			["To", to],
		] as const) {
			await this.page.getByRole("combobox", { name: side }).click()
			await this.page.getByRole("option", { name: version, exact: true }).click()
		}
	}
}
