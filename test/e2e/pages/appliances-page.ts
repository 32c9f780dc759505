import { expect, type Page } from "@playwright/test"
import type { RunningApp } from "../app.ts"

export interface Typed {
	name: string
	host: string
	port: number
	user: string
	/** Signs in with this key file; without one, with a password. */
	keyPath?: string
	become?: "sudo" | "doas"
	jump?: string
}

/** The fleet. */
export class AppliancesPage {
	readonly page: Page
	constructor(page: Page) {
		this.page = page
	}

	row(name: string) {
		return this.page.getByRole("row").filter({ has: this.page.getByRole("rowheader", { name }) })
	}

	/** The line below an appliance that says why it was not reached. */
	failure(text: string | RegExp) {
		return this.page.getByRole("cell").filter({ hasText: text })
	}

	field(name: string) {
		return this.page.getByRole("textbox", { name, exact: true })
	}

	async addDemo() {
		await this.page.getByRole("button", { name: "Add demo appliances" }).click()
		await this.page.getByText("The demo is ready").waitFor()
	}

	async add({ name, host, port, user, keyPath, become, jump }: Typed) {
		await this.page.getByRole("button", { name: "Add appliance" }).first().click()
		await this.field("Name").fill(name)
		await this.field("Host name or address").fill(host)
		await this.field("Port").fill(String(port))
		await this.field("User").fill(user)
		await this.page.getByText(keyPath === undefined ? "Password" : "Key file", { exact: true }).click()
		if (keyPath !== undefined) await this.field("Path of the private key").fill(keyPath)
		if (become) await this.page.getByText(become, { exact: true }).click()
		if (jump) await this.field("Jump hosts").fill(jump)
	}

	async test(name: string) {
		await this.page.getByRole("button", { name: `Test ${name}` }).click()
	}

	async save(button: "Save" | "Save and test") {
		await this.page.getByRole("button", { name: button, exact: true }).click()
	}

	async choose(name: string, action: "Details" | "Edit" | "History" | "Remove") {
		await this.page.getByRole("button", { name: `More for ${name}` }).click()
		await this.page.getByRole("menuitem", { name: action }).click()
	}
}

/** Tests an appliance that is ready, and waits until it has been reached once more. */
export async function testAgain(app: RunningApp, appliances: AppliancesPage, name: string) {
	const seen = () => app.services.appliances.list().find((one) => one.name === name)?.lastSeen
	const before = seen()
	await appliances.test(name)
	await expect.poll(seen, { timeout: 60_000 }).not.toBe(before)
	await expect(appliances.row(name)).toContainText("Ready")
}
