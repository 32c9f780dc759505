import { readFile } from "node:fs/promises"
import type { Page } from "@playwright/test"

/** Runs under way, and their records. */
export class LivePage {
	readonly page: Page
	constructor(page: Page) {
		this.page = page
	}

	/** An appliance's line in the overview. */
	line(appliance: string) {
		return this.page.getByRole("navigation", { name: "Appliances of this run" }).getByRole("link", { name: appliance })
	}

	pool(id: string) {
		return this.page.getByRole("region", { name: `Pool ${id}` })
	}

	get finalClosure() {
		return this.page.getByRole("region", { name: "Final closure" })
	}

	output(command: string) {
		return this.page.getByRole("region", { name: `Output of ${command}` })
	}

	async expand(pool: string) {
		const head = this.pool(pool).getByRole("button", { name: pool })
		if ((await head.getAttribute("aria-expanded")) === "false") await head.click()
	}

	/** Saves all runs that were started together. */
	async saveAll(as: "Report, a web page" | "Events, JSON Lines") {
		const begun = this.page.waitForEvent("download")
		await this.page.getByRole("button", { name: "Save report" }).click()
		await this.page.getByRole("menuitem", { name: as }).click()
		const download = await begun
		return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") }
	}
}
