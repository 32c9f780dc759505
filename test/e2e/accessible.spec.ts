import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { AxeBuilder } from "@axe-core/playwright"
import type { Page } from "@playwright/test"
import { expect, test } from "./app.ts"
import { AppliancesPage } from "./pages/appliances-page.ts"
import { LivePage } from "./pages/live-page.ts"
import { RunPage } from "./pages/run-page.ts"
import { Shell } from "./pages/shell.ts"

/** The serious and critical findings of what is shown now, as text that says where. */
async function findingsOf(page: Page): Promise<string[]> {
	// Legacy mode: the other one opens a page of its own, which the content security policy's trusted types refuse.
	const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze()
	return violations
		.filter(({ impact }) => impact === "serious" || impact === "critical")
		.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary}`))
}

for (const colorScheme of ["light", "dark"] as const) {
	test(`no view has a serious finding in ${colorScheme}`, async ({ app, page }) => {
		test.setTimeout(180_000)
		await page.emulateMedia({ colorScheme, reducedMotion: "reduce" })
		const shell = new Shell(page)
		const run = new RunPage(page)
		const live = new LivePage(page)
		const look = async (view: string) => expect.soft(await findingsOf(page), `${view}, ${colorScheme}`).toEqual([])

		await shell.open(app.url)
		await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", colorScheme)
		await look("first start")
		await shell.goTo("Appliances")
		await look("no appliances")
		await shell.goTo("History")
		await expect(page.getByRole("heading", { name: "No run yet" })).toBeVisible()
		await look("no history")

		await mkdir(join(app.folder, "broken"))
		await writeFile(join(app.folder, "broken/index.json"), '{ "metadata": { "schema_version": "one" }, "pools": [] }')
		await shell.goTo("Run")
		await run.openModule(join(app.folder, "broken"))
		await expect(run.runButton).toBeDisabled()
		await look("broken module")
		await run.closeModule()

		await new AppliancesPage(page).addDemo()
		await look("module")
		await run.planButton.click()
		await expect(page.getByText("Would be applied").first()).toBeVisible({ timeout: 40_000 })
		await look("plan")
		await run.start()
		await expect(live.line("Demo: changed by its owner")).toContainText("Failed, put back", { timeout: 60_000 })
		await live.line("Demo: changed by its owner").click()
		await expect(page.getByText(/was put back/).first()).toBeVisible()
		await look("failed run")
		await live.line("Demo: switched off").click()
		await look("run that was not started")

		await shell.goTo("Appliances")
		await look("appliances")
		await page.keyboard.press("n")
		await expect(shell.dialog("Add an appliance")).toBeVisible()
		await page.getByRole("button", { name: "Save and test" }).click()
		await look("form with faults")
		await page.keyboard.press("Escape")
		await shell.goTo("History")
		await look("history")
		await page.getByRole("link", { name: "page_escaping_fix" }).first().click()
		await expect(live.pool("page_escaping_fix")).toBeVisible()
		await look("record")
		await page.keyboard.press("?")
		await look("shortcuts")
	})
}
