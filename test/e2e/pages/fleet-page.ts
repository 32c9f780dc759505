import { readFile } from "node:fs/promises"
import type { Page } from "@playwright/test"

/** Many appliances at once: filter, groups, what is chosen, import and export. */
export class FleetPage {
	readonly page: Page
	constructor(page: Page) {
		this.page = page
	}

	get filter() {
		return this.page.getByRole("textbox", { name: "Filter the appliances" })
	}

	get toolbar() {
		return this.page.getByRole("toolbar", { name: "With the chosen appliances" })
	}

	get importDialog() {
		return this.page.getByRole("dialog", { name: "Import appliances" })
	}

	box(name: string) {
		return this.page.getByRole("checkbox", { name: `Choose ${name}`, exact: true })
	}

	importBox(name: string) {
		return this.importDialog.getByRole("checkbox", { name: `Choose ${name}`, exact: true })
	}

	importRow(name: string) {
		return this.importDialog.getByRole("row").filter({ has: this.page.getByRole("rowheader", { name, exact: true }) })
	}

	async readFile(name: string, text: string) {
		await this.page.getByRole("button", { name: "Import", exact: true }).click()
		await this.importDialog
			.getByLabel("File with appliances")
			.setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(text) })
	}

	async openGroup(name: string) {
		await this.page.getByRole("button", { name: "Groups" }).click()
		await this.page.getByRole("menuitem", { name, exact: false }).first().click()
	}

	async saveGroup(name: string) {
		await this.page.getByRole("button", { name: "Groups" }).click()
		await this.page.getByRole("menuitem", { name: "Save this filter as a group" }).click()
		await this.page.getByRole("dialog").getByRole("textbox", { name: "Name" }).fill(name)
		await this.page.getByRole("dialog").getByRole("button", { name: "Save", exact: true }).click()
	}

	/** The text of the file that an export gives. */
	async export(what: "Export all" | "Export", format: "Table, CSV" | "Ansible inventory, YAML"): Promise<string> {
		await this.page.getByRole("button", { name: what, exact: true }).click()
		const download = this.page.waitForEvent("download")
		await this.page.getByRole("menuitem", { name: format }).click()
		return readFile(await (await download).path(), "utf8")
	}
}
