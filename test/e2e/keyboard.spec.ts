import { expect, test } from "./app.ts"
import { LivePage } from "./pages/live-page.ts"
import { Shell } from "./pages/shell.ts"
import { tabTo } from "./tab-to.ts"

test("the main path with the keyboard alone", async ({ app, page }) => {
	test.setTimeout(480_000)
	const shell = new Shell(page)
	await shell.open(app.url)

	await page.keyboard.press("Tab")
	await expect(page.getByRole("button", { name: "Skip to content" })).toBeFocused()
	await page.keyboard.press("Enter")
	await expect(shell.heading("Run a module")).toBeFocused()

	await tabTo(page, "button", "Add demo appliances")
	await page.keyboard.press("Enter")
	await expect(shell.heading(/^web-security/)).toBeVisible()

	await tabTo(page, "checkbox", "Demo: switched off")
	await page.keyboard.press("Space")
	await page.keyboard.press("p")
	await expect(page.getByText("Would be applied").first()).toBeVisible({ timeout: 60_000 })
	await expect(page.getByRole("button", { name: "Run on 2 appliances" })).toBeEnabled({ timeout: 60_000 })
	await tabTo(page, "button", "Run on 2 appliances")
	await page.keyboard.press("Enter")

	const live = new LivePage(page)
	await expect(live.line("Demo: healthy")).toContainText("Applied", { timeout: 120_000 })
	await expect(live.line("Demo: changed by its owner")).toContainText("Failed, put back", { timeout: 120_000 })
	await page.keyboard.press("j")
	await expect(live.line("Demo: changed by its owner")).toHaveAttribute("aria-current", "true")
	await page.keyboard.press("k")
	await expect(live.line("Demo: healthy")).toHaveAttribute("aria-current", "true")
	await tabTo(page, "button", /^login_security_patch/)
	await page.keyboard.press("Enter")
	await expect(live.pool("login_security_patch")).toContainText("The new files are in place")

	await page.keyboard.press("g")
	await page.keyboard.press("h")
	await expect(shell.heading("History")).toBeFocused()
	await tabTo(page, "link", "page_escaping_fix")
	await page.keyboard.press("Enter")
	await expect(shell.heading(/^web-security 1.1.0 on/)).toBeFocused()
})

test("shortcuts: help, Escape, and no shortcut while typing", async ({ app, page }) => {
	const shell = new Shell(page)
	await shell.open(app.url)
	await page.keyboard.press("?")
	const help = shell.dialog("Keyboard shortcuts")
	await expect(help).toContainText("Go to Appliances")
	await page.keyboard.press("Escape")
	await expect(help).toBeHidden()

	await page.keyboard.press("g")
	await page.keyboard.press("a")
	await expect(shell.heading("Appliances")).toBeVisible()
	await page.keyboard.press("n")
	const form = shell.dialog("Add an appliance")
	await expect(form.getByRole("textbox", { name: "Name", exact: true })).toBeFocused()
	await page.keyboard.type("gh n ?")
	await expect(form.getByRole("textbox", { name: "Name", exact: true })).toHaveValue("gh n ?")
	await expect(help).toBeHidden()
	await page.keyboard.press("Escape")
	await expect(form).toBeHidden()
	await expect(shell.heading("Appliances")).toBeVisible()
})
