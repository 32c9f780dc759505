import type { Page } from "@playwright/test"

/** The frame around every view: navigation, appearance, questions. */
export class Shell {
	readonly page: Page
	constructor(page: Page) {
		this.page = page
	}

	heading(name: string | RegExp) {
		return this.page.getByRole("heading", { level: 1, name })
	}

	dialog(name: string | RegExp) {
		return this.page.getByRole("dialog", { name })
	}

	/** Types a secret into the dialog that asks for it. */
	async answer(dialog: string | RegExp, secret: string) {
		await this.dialog(dialog).locator("input").fill(secret)
		await this.dialog(dialog).getByRole("button", { name: "Continue" }).click()
	}

	get banner() {
		return this.page.getByText("The connection to the program is lost.")
	}

	async open(url: string) {
		await this.page.goto(url)
		await this.page.getByText("Connected", { exact: true }).waitFor()
	}

	async goTo(view: "Run" | "Modules" | "Appliances" | "Rollouts" | "History" | "Help") {
		await this.page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: view }).click()
	}

	async setAppearance(name: "Light" | "Dark") {
		await this.page.getByRole("button", { name: "Appearance" }).click()
		await this.page.getByRole("menuitem", { name }).click()
	}
}
