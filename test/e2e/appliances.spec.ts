import { join } from "node:path"
import type { Page } from "@playwright/test"
import { expect, type RunningApp, test } from "./app.ts"
import { look } from "./look.ts"
import { AppliancesPage, testAgain } from "./pages/appliances-page.ts"
import { Shell } from "./pages/shell.ts"

/** The demo's healthy appliance under a name that no known_hosts file knows: a first meeting. */
async function addStranger(app: RunningApp, page: Page, name: string) {
	const shell = new Shell(page)
	const appliances = new AppliancesPage(page)
	await shell.open(app.url)
	await shell.goTo("Appliances")
	await appliances.addDemo()
	const healthy = app.services.appliances.list().find((one) => one.name === "Demo: healthy")
	if (!healthy) throw new Error("cannot find the demo's appliance")
	const keyPath = join(app.folder, "data/demo/id_ed25519")
	await appliances.add({ name, host: "localhost", port: healthy.port, user: healthy.user, keyPath })
	return { shell, appliances }
}

test("an unknown host key is asked about once; trusted, it is remembered", async ({ app, page }) => {
	const { shell, appliances } = await addStranger(app, page, "New one")
	await appliances.save("Save and test")
	const dialog = shell.dialog("Is this really New one?")
	await expect(dialog.getByText(/^SHA256:/)).toBeVisible()
	await expect(dialog.getByText("localhost")).toBeVisible()
	await expect(dialog.getByRole("button", { name: "Refuse" })).toBeFocused()
	await look(page, "host key")
	await dialog.getByRole("button", { name: /trust/ }).click()
	await expect(appliances.row("New one")).toContainText("Ready", { timeout: 60_000 })

	await testAgain(app, appliances, "New one")
	await expect(page.getByText("the runner is ready there")).toBeVisible()
	await expect(dialog).toBeHidden()
})

test("refused with Escape, nothing is trusted and the reason is told", async ({ app, page }) => {
	const { shell, appliances } = await addStranger(app, page, "Refused one")
	await appliances.save("Save and test")
	await shell.dialog("Is this really Refused one?").waitFor()
	await page.keyboard.press("Escape")
	await expect(appliances.row("Refused one")).toContainText("Not reached")
	await expect(appliances.failure(/host key|ssh-ed25519/).first()).toBeVisible()
	expect(app.services.appliances.list().find((one) => one.name === "Refused one")?.facts).toBeUndefined()
})

test("what is missing is said at its field; an appliance is edited, removed and brought back", async ({
	app,
	page,
}) => {
	const shell = new Shell(page)
	const appliances = new AppliancesPage(page)
	await shell.open(app.url)
	await shell.goTo("Appliances")
	await expect(page.getByRole("heading", { name: "No appliances yet" })).toBeVisible()

	await appliances.add({ name: "", host: "root@host", port: 22, user: "root", keyPath: "/nowhere" })
	await appliances.save("Save")
	await expect(page.getByText("Give it a name to find it by.")).toBeVisible()
	await expect(page.getByText("A host name or address, without user, slashes or spaces.")).toBeVisible()
	await appliances.field("Name").fill("Cellar")
	await appliances.field("Host name or address").fill("127.0.0.1")
	await appliances.field("Port").fill("1")
	await appliances.save("Save")
	await expect(appliances.row("Cellar")).toContainText("Not tested")

	await page.getByRole("button", { name: "Test Cellar" }).click()
	await expect(appliances.failure("Check the port")).toBeVisible()

	await appliances.choose("Cellar", "Edit")
	await appliances.field("Name").fill("Attic")
	await appliances.save("Save")
	await expect(appliances.row("Attic")).toContainText("root@127.0.0.1:1")

	await appliances.choose("Attic", "Remove")
	await expect(shell.dialog("Remove Attic?").getByRole("button", { name: "Keep it" })).toBeFocused()
	await shell.dialog("Remove Attic?").getByRole("button", { name: "Remove" }).click()
	await expect(page.getByRole("heading", { name: "No appliances yet" })).toBeVisible()
	expect(app.services.appliances.list()).toEqual([])

	await page.getByRole("button", { name: "Undo" }).click()
	await expect(appliances.row("Attic")).toContainText("root@127.0.0.1:1")
	await expect(page.getByRole("button", { name: "Undo" })).toBeHidden()
	expect(app.services.appliances.list()).toMatchObject([
		{ name: "Attic", port: 1, signIn: { method: "key", path: "/nowhere" } },
	])
})

test("an appliance of the demo is removed and comes back too", async ({ app, page }) => {
	const shell = new Shell(page)
	const appliances = new AppliancesPage(page)
	await shell.open(app.url)
	await shell.goTo("Appliances")
	await appliances.addDemo()
	await appliances.choose("Demo: healthy", "Remove")
	await look(page, "removal")
	await shell.dialog("Remove Demo: healthy?").getByRole("button", { name: "Remove" }).click()
	await expect(appliances.row("Demo: healthy")).toBeHidden()
	await look(page, "removed")
	await page.getByRole("button", { name: "Undo" }).click()
	await expect(appliances.row("Demo: healthy")).toBeVisible()
	expect(app.services.appliances.list()).toHaveLength(3)
})
