import { expect, test } from "./app.ts"
import { look } from "./look.ts"
import { HistoryPage } from "./pages/history-page.ts"
import { LivePage } from "./pages/live-page.ts"
import { RunPage } from "./pages/run-page.ts"
import { Shell } from "./pages/shell.ts"
import { Tour } from "./pages/tour.ts"

test("the tour, from an empty data folder to the history", async ({ app, page }) => {
	test.setTimeout(240_000)
	const shell = new Shell(page)
	const tour = new Tour(page)
	const live = new LivePage(page)
	await shell.open(app.url)
	await expect(tour.strip).toContainText("First time here?")
	await look(page, "tour offered")
	await tour.press("Take the tour")

	await expect(tour.strip).toContainText("1 of 7Add the demo appliances")
	await tour.press("Show me")
	await expect(page.getByRole("button", { name: "Add demo appliances" })).toBeFocused()
	await page.keyboard.press("Enter")
	await expect(tour.strip).toContainText("3 of 7Review the plan")
	await look(page, "tour plan")

	// Leave it, take it up again, and load the page anew: it goes on where it was.
	await page.keyboard.press("Escape")
	await expect(tour.strip).toBeHidden()
	await shell.goTo("Help")
	await page.getByRole("button", { name: "Go on with the tour" }).click()
	await expect(tour.strip).toContainText("3 of 7")
	await page.reload()
	await expect(tour.strip).toContainText("2 of 7Open the demo module")
	await tour.press("Show me")
	await expect(page.getByRole("button", { name: /^web-security/ })).toBeFocused()
	await page.keyboard.press("Enter")
	for (const name of ["Demo: healthy", "Demo: changed by its owner", "Demo: switched off"])
		await new RunPage(page).appliance(name).check()

	await tour.press("Show me")
	await expect(new RunPage(page).reviewButton).toBeFocused()
	await page.keyboard.press("Enter")
	await expect(tour.strip).toContainText("4 of 7Run it", { timeout: 40_000 })
	await tour.press("Show me")
	await expect(new RunPage(page).runButton).toBeFocused()
	await page.keyboard.press("Enter")
	await expect(tour.strip).toContainText("5 of 7See what was put back")
	await expect(live.line("Demo: changed by its owner")).toContainText("Failed, put back", { timeout: 60_000 })
	await look(page, "tour put back")
	await tour.press("Show me")
	await page.keyboard.press("Enter")
	await expect(tour.strip).toContainText("6 of 7Open the history")
	await expect(page.getByText("1 pool failed and was put back, 1 pool applied.")).toBeVisible()
	await tour.press("Show me")
	await page.keyboard.press("Enter")
	await expect(shell.heading("History")).toBeVisible()
	await expect(tour.strip).toContainText("7 of 7Put an applied pool back")
	await expect(new HistoryPage(page).rows).toHaveCount(4)
	await tour.press("Skip")
	await expect(tour.strip).toContainText("That was the tour.")
	await tour.press("Done")
	await expect(tour.strip).toBeHidden()
	await shell.goTo("Run")
	await expect(tour.strip).toBeHidden()
})

test("who declines it is not asked again, and Help has it", async ({ app, page }) => {
	const shell = new Shell(page)
	const tour = new Tour(page)
	await shell.open(app.url)
	await tour.strip.getByRole("button", { name: "No, thanks" }).click()
	await expect(tour.strip).toBeHidden()
	await page.reload()
	await expect(shell.heading("Run a module")).toBeVisible()
	await expect(tour.strip).toBeHidden()
	await shell.goTo("Help")
	await page.getByRole("button", { name: "Take the tour" }).click()
	await expect(tour.strip).toContainText("1 of 7")
})
