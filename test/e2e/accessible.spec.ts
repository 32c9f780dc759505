import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "./app.ts"
import { look } from "./look.ts"
import { AppliancesPage } from "./pages/appliances-page.ts"
import { LivePage } from "./pages/live-page.ts"
import { RunPage } from "./pages/run-page.ts"
import { Shell } from "./pages/shell.ts"

test("no view has a serious finding, light and dark", async ({ app, page }) => {
	test.setTimeout(480_000)
	const shell = new Shell(page)
	const run = new RunPage(page)
	const live = new LivePage(page)

	await shell.open(app.url)
	await look(page, "first start")
	await shell.goTo("Appliances")
	await look(page, "no appliances")
	await shell.goTo("History")
	await expect(page.getByRole("heading", { name: "No run yet" })).toBeVisible()
	await look(page, "no history")

	await mkdir(join(app.folder, "broken"))
	await writeFile(join(app.folder, "broken/index.json"), '{ "metadata": { "schema_version": "one" }, "pools": [] }')
	await shell.goTo("Run")
	await run.openModule(join(app.folder, "broken"))
	await expect(run.goButton).toBeDisabled()
	await look(page, "broken module")
	await run.closeModule()

	await new AppliancesPage(page).addDemo()
	await look(page, "module")
	await run.reviewButton.click()
	await expect(page.getByText("Would be applied").first()).toBeVisible({ timeout: 60_000 })
	await look(page, "plan")
	await run.start()
	await expect(live.line("Demo: changed by its owner")).toContainText("Failed, put back", { timeout: 120_000 })
	await live.line("Demo: changed by its owner").click()
	await expect(page.getByText(/was put back/).first()).toBeVisible()
	await look(page, "failed run")
	await live.line("Demo: switched off").click()
	await look(page, "run that was not started")

	await shell.goTo("Appliances")
	await look(page, "appliances")
	await page.keyboard.press("n")
	await expect(shell.dialog("Add an appliance")).toBeVisible()
	await page.getByRole("button", { name: "Save and test" }).click()
	await look(page, "form with faults")
	await page.keyboard.press("Escape")
	await shell.goTo("History")
	await look(page, "history")
	await page.getByRole("link", { name: "page_escaping_fix" }).first().click()
	await expect(live.pool("page_escaping_fix")).toBeVisible()
	await look(page, "record")
	await page.keyboard.press("?")
	await look(page, "shortcuts")
})
