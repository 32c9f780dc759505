import type { Page } from "@playwright/test"

/** The sources of the module in the editor. */
export class SourcesPage {
	readonly page: Page
	constructor(page: Page) {
		this.page = page
	}

	get list() {
		return this.page.getByRole("listbox", { name: "src/" })
	}

	/** A row by the file's name without its folder. */
	row(name: string) {
		return this.list.getByRole("option", { name })
	}

	source(target: string) {
		return this.page.getByRole("region", { name: `Source ${target}`, exact: true })
	}

	/** The editor's text; within a shadow root, which locators see through. */
	get text() {
		return this.page.getByRole("textbox", { name: /^Text of / })
	}

	get notes() {
		return this.page.getByRole("list", { name: "Notes" })
	}

	get dialog() {
		return this.page.getByRole("dialog")
	}

	get added() {
		return this.page.getByRole("region", { name: "Files added" })
	}

	destination(target: string) {
		return this.dialog.getByRole("textbox", { name: `Destination of ${target}` })
	}

	/** Picks files in the dialog of the browser. */
	async pick(button: "Add files" | "Add a folder", paths: string | string[]) {
		const [chooser] = await Promise.all([
			this.page.waitForEvent("filechooser"),
			this.page.getByRole("button", { name: button }).click(),
		])
		await chooser.setFiles(paths)
	}

	/** Drags files and folders of the disk over an element and lets them fall, as a desktop does. */
	async drop(paths: string[], onto: string) {
		const box = await this.page
			.getByRole("region", { name: onto, exact: true })
			.or(this.page.getByRole("navigation", { name: onto }))
			.first()
			.boundingBox()
		if (!box) throw new Error(`cannot drop onto ${onto}: it is not there`)
		await this.dropAt(paths, box.x + box.width / 2, box.y + Math.min(60, box.height / 2))
	}

	async dropAt(paths: string[], x: number, y: number) {
		const client = await this.page.context().newCDPSession(this.page)
		const data = { items: [], files: paths, dragOperationsMask: 1 }
		const at = { x, y, data }
		for (const type of ["dragEnter", "dragOver", "drop"] as const)
			await client.send("Input.dispatchDragEvent", { type, ...at })
		await client.detach()
	}
}
