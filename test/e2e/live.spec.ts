import { expect, test } from "./app.ts"
import { look } from "./look.ts"
import { LivePage } from "./pages/live-page.ts"
import { beginRun, createScript, output, showRun } from "./scripted-run.ts"

const { appliance, replaced } = createScript(beginRun("make all"))
test.use({ replaced })

const numbered = (from: number, count: number) =>
	Array.from({ length: count }, (_, at) => `line ${from + at}${(from + at) % 100 === 0 ? " needle" : ""}\n`).join("")

test("an output that grows: followed, left by scrolling up, searched by keys, copied whole", async ({
	app,
	page,
	context,
}) => {
	test.setTimeout(480_000)
	await context.grantPermissions(["clipboard-read", "clipboard-write"])
	const { run } = await showRun(app, page)
	const live = new LivePage(page)
	const panel = live.output("make all")
	appliance.say(run, [output(`\u001b[32mgreen\u001b[0m and plain\n${numbered(1, 999)}`)])
	await expect(panel).toContainText("line 999")
	await expect(live.jump).toBeHidden()
	// The clock over there is months behind; how long the closure takes is told all the same.
	await expect(live.pool("web")).toContainText(/closure\s*\d+(\.\d)? m?s/)
	await expect(live.pool("web")).not.toContainText(/\d h /)

	await panel.hover()
	await page.mouse.wheel(0, -4000)
	await expect(live.jump).toBeVisible()
	await expect(panel).not.toContainText("line 999")
	appliance.say(run, [output(numbered(1000, 1000))])
	await expect(page.getByText("2,000 lines", { exact: true })).toBeVisible()
	await expect(panel).not.toContainText("line 1999")
	await look(page, "output left")
	await live.jump.click()
	await expect(panel).toContainText("line 1999")
	appliance.say(run, [output(numbered(2000, 500))])
	await expect(panel).toContainText("line 2499")

	await panel.press("/")
	const field = page.getByRole("textbox", { name: "Search Output of make all" })
	await expect(field).toBeFocused()
	await field.fill("NEEDLE")
	await expect(page.getByText("1 of 24", { exact: true })).toBeVisible()
	await expect(panel).toContainText("line 100 needle")
	await field.press("Enter")
	await expect(panel).toContainText("line 200 needle")
	await field.press("Shift+Enter")
	await field.press("Shift+Enter")
	await expect(page.getByText("24 of 24", { exact: true })).toBeVisible()
	await expect(panel).toContainText("line 2400 needle")
	await look(page, "output searched")
	await field.press("Escape")
	await expect(panel).toBeFocused()
	await panel.press("Control+f")
	await expect(field).toBeFocused()

	await page.getByRole("button", { name: "Copy output" }).click()
	const copied = await page.evaluate(() => navigator.clipboard.readText())
	expect(copied).toBe(`green and plain\n${numbered(1, 2499)}`.trimEnd())
	await page.keyboard.press("Escape")
	await panel.press("Home")
	await expect(panel.locator("[data-color=green]")).toHaveText("green")
	await page.getByRole("switch", { name: "Follow" }).click()
	await expect(panel).toContainText("line 2499")
	appliance.say(run, [{ type: "command-finished", pool: "web", phase: "closure", index: 0, exit: 1, durationMs: 5 }])
	await expect(page.getByRole("switch", { name: "Follow" })).toBeHidden()
	await expect(panel.getByText("line 2499")).toBeInViewport()
})
