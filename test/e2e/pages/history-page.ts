import { readFile } from "node:fs/promises"
import type { Locator, Page } from "@playwright/test"

/** Per-pool results. */
export class HistoryPage {
	readonly page: Page
	constructor(page: Page) {
		this.page = page
	}

	/** The result rows, without the heading. */
	get rows() {
		return this.page.getByRole("row").filter({ has: this.page.getByRole("rowheader") })
	}

	row(...texts: string[]) {
		return texts.reduce((rows, text) => rows.filter({ hasText: text }), this.rows)
	}

	/** What is said of appliances whose history is not as it was. */
	get past() {
		return this.page.getByRole("region", { name: /^Past of / })
	}

	get grid() {
		return this.page.getByRole("grid", { name: "Pools on appliances" })
	}

	/** The newest result of a pool on an appliance, in the grid. */
	cell(pool: string, appliance: string) {
		return this.grid.getByLabel(`${pool} on ${appliance}:`)
	}

	async showGrid() {
		await this.page.getByRole("radiogroup", { name: "Shown as" }).getByText("Grid").click()
	}

	async showOverTime() {
		await this.page.getByRole("radiogroup", { name: "Shown as" }).getByText("Over time").click()
	}

	get timeline() {
		return this.page.getByRole("region", { name: "Runs over time" })
	}

	/** A run of a pool on the time line. */
	mark(words: string | RegExp) {
		return this.timeline.getByRole("link", { name: words })
	}

	async showResults() {
		await this.page.getByRole("radiogroup", { name: "Shown as" }).getByText("Results").click()
	}

	get journal() {
		return this.page.getByRole("region", { name: "Journal" })
	}

	/** Of the record that is open. */
	async showJournal() {
		await this.journal.getByRole("button", { name: "Show", exact: true }).click()
	}

	/** Shows, or hides, what differs in a file of the journal. */
	difference(destination: string) {
		return this.journal.getByRole("button", { name: `ifference in ${destination}` })
	}

	async search(words: string) {
		await this.page.getByRole("textbox", { name: "Search the output" }).fill(words)
	}

	async clear() {
		await this.page.getByRole("button", { name: "Clear", exact: true }).click()
	}

	/** Saves the record that is open. */
	async save(as: "Report, a web page" | "Events, JSON Lines") {
		const begun = this.page.waitForEvent("download")
		await this.page.getByRole("button", { name: "Save", exact: true }).click()
		await this.page.getByRole("menuitem", { name: as }).click()
		const download = await begun
		return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") }
	}

	/** Opens what can be done with a result, and gives the entry. */
	async action(row: Locator, name: string | RegExp) {
		await row.getByRole("button", { name: /^Actions for/ }).click()
		return this.page.getByRole("menuitem", { name })
	}

	/** Why pools failed. */
	get causes() {
		return this.page.getByRole("region", { name: "Causes" })
	}

	cause(words: string) {
		return this.causes.getByRole("button", { name: words })
	}

	/** Takes over what the appliance remembers. */
	async fetch(appliance: string) {
		await this.page.getByRole("button", { name: `Fetch what ${appliance} remembers` }).click()
	}

	async filter(name: "Pool" | "Appliance" | "Module" | "Outcome", value: string) {
		await this.page.getByRole("combobox", { name }).click()
		await this.page.getByRole("option", { name: value }).click()
	}
}
