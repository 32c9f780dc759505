import { expect, test } from "./app.ts"
import { look } from "./look.ts"
import { LivePage } from "./pages/live-page.ts"
import { Palette } from "./pages/palette.ts"
import { RunPage } from "./pages/run-page.ts"
import { Shell } from "./pages/shell.ts"

test("everything is found and done with the keyboard alone", async ({ app, page }) => {
	test.setTimeout(480_000)
	const shell = new Shell(page)
	const palette = new Palette(page)
	const run = new RunPage(page)
	const live = new LivePage(page)
	await shell.open(app.url)

	await palette.open()
	await expect(palette.input).toBeFocused()
	await expect(palette.options.filter({ hasText: "Go to History" })).toContainText("gh")
	await look(page, "palette")
	await page.keyboard.type("zzz")
	await expect(palette.dialog.getByRole("status")).toHaveText("Nothing fits")
	await page.keyboard.press("Escape")
	await expect(palette.dialog).toBeHidden()

	await palette.choose("go hist")
	await expect(shell.heading("History")).toBeFocused()
	await palette.choose("add appl")
	await expect(shell.dialog("Add an appliance")).toBeVisible()
	await page.keyboard.press("ControlOrMeta+k")
	await expect(palette.dialog).toBeHidden()
	await page.keyboard.press("Escape")
	await expect(shell.dialog("Add an appliance")).toBeHidden()

	await palette.choose("demo app")
	await expect(shell.heading(/^web-security/)).toBeVisible()
	await palette.choose("make plan")
	await expect(page.getByText("Would be applied").first()).toBeVisible({ timeout: 60_000 })
	await palette.choose("run button")
	await expect(run.goButton).toBeFocused()
	await page.keyboard.press("Enter")
	await expect(live.line("Demo: healthy")).toContainText("Applied", { timeout: 120_000 })

	await palette.choose("keyb")
	await expect(shell.dialog("Keyboard shortcuts")).toBeVisible()
	await page.keyboard.press("Escape")
	await palette.choose("hist healthy")
	await expect(shell.heading("History")).toBeVisible()
	await expect(page.getByRole("combobox", { name: "Appliance" })).toHaveValue("Demo: healthy")

	// With nothing typed, recent things come first: the newest run, then modules, then appliances.
	await palette.open()
	await expect(palette.active).toContainText("web-security 1.1.0 on Demo:")
	const groups = await palette.options.evaluateAll((all) => all.map((one) => one.lastElementChild?.textContent ?? ""))
	expect(groups.slice(0, 7)).toEqual(["Runs", "Runs", "Runs", "Modules", "Appliances", "Appliances", "Appliances"])
	await page.keyboard.press("ArrowDown")
	await expect(palette.input).toHaveAttribute(
		"aria-activedescendant",
		(await palette.options.nth(1).getAttribute("id")) ?? "",
	)
	await page.keyboard.type("ws11 owner")
	await page.keyboard.press("Enter")
	await expect(live.line("Demo: changed by its owner")).toHaveAttribute("aria-current", "true")
})
