import { readFile } from "node:fs/promises"
import type { Page } from "@playwright/test"

/** One rollout, and the list of them. */
export class RolloutPage {
	readonly page: Page
	constructor(page: Page) {
		this.page = page
	}

	/** What goes on, as one sentence. */
	get now() {
		return this.page.getByRole("region", { name: "Now" }).getByRole("status")
	}

	wave(number: number) {
		return this.page.getByRole("region", { name: `Wave ${number}`, exact: true })
	}

	tile(name: string) {
		return this.page.getByRole("button", { name: new RegExp(`^${name}: `) })
	}

	/** Why something did not succeed, by cause. */
	causes(title: string) {
		return this.page.getByRole("region", { name: title })
	}

	row(name: RegExp) {
		return this.page.getByRole("table", { name: "Rollouts" }).getByRole("row", { name })
	}

	/** Saves the rollout as `as`; answers with the file's text. */
	async saved(as: "Report, a web page" | "Events, JSON Lines"): Promise<string> {
		await this.page.getByRole("button", { name: "Save report" }).click()
		const begun = this.page.waitForEvent("download")
		await this.page.getByRole("menuitem", { name: as }).click()
		return readFile(await (await begun).path(), "utf8")
	}

	/** Asks for something, and answers the question that comes before it. */
	async ask(label: string | RegExp, confirm?: string | RegExp) {
		await this.page.getByRole("main").getByRole("button", { name: label }).first().click()
		if (confirm !== undefined)
			await this.page.getByRole("dialog").getByRole("button", { name: confirm, exact: true }).click()
	}
}
