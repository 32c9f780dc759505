import { expect, test } from "./app.ts"
import { look } from "./look.ts"
import { RolloutPage } from "./pages/rollout-page.ts"
import { Shell } from "./pages/shell.ts"
import { makeLargeRollout, scriptRollouts } from "./scripted-rollout.ts"

const MINUTE = 60_000

test("a rollout to 1,000: every appliance a tile, causes, course, and what it waits for", async ({ app, page }) => {
	test.setTimeout(480_000)
	const script = scriptRollouts(app.services, makeLargeRollout(1000))
	const begun = Date.now() - 13 * MINUTE
	script.start(1)
	script.end(1, begun)
	await new Shell(page).open(app.url)
	const shell = new Shell(page)
	const rollout = new RolloutPage(page)
	await shell.goTo("Rollouts")
	await expect(rollout.row(/web-security 1.4.0/)).toContainText("The wave has ended and waits for your word.")
	await page.getByRole("link", { name: "web-security 1.4.0" }).click()
	await expect(shell.heading("web-security 1.4.0 to 1000 appliances")).toBeFocused()
	await expect(rollout.now).toContainText("It waits for you: wave 1 has ended, 1 applied.")
	await expect(rollout.wave(1)).toContainText("waits for your word now")

	await rollout.ask("Begin wave 2", "Begin wave 2")
	await expect(rollout.now).toContainText("Wave 2 of 4: 50 to come.")
	expect(script.asked).toEqual([{ type: "go-on", at: { wave: 0 } }])
	script.start(50)
	script.end(50, begun + MINUTE, 2000)
	await expect(rollout.now).toContainText("It waits for you: wave 2 has ended")
	script.goOn()
	script.start(40)
	for (let turn = 0; turn < 5; turn++) {
		script.end(20, begun + (3 + turn) * MINUTE, 1500)
		script.start(20)
		await expect(rollout.wave(3)).toContainText(`${200 - 20 * (turn + 3)} waiting`)
	}
	await expect(rollout.now).toContainText(/This wave ends in about \d+ (s|min)\./)
	await expect(rollout.tile("house-0100")).toHaveAccessibleName("house-0100: failed")
	await expect(rollout.causes("Why it failed")).toContainText("closure: `systemctl reload nginx`, exit 1: nginx")
	await expect(rollout.causes("Not reached").getByRole("button", { name: /^Skip \d+$/ })).toBeVisible()
	await expect(page.getByRole("img", { name: /^Ends over time: \d+ of 1000/ })).toBeVisible()
	await look(page, "rollout 1000")

	// One stop for the keyboard in each wave; the arrows do the rest.
	const last = rollout.wave(4).getByRole("button")
	await last.first().focus()
	await page.keyboard.press("ArrowRight")
	await expect(last.nth(1)).toBeFocused()
	await page.keyboard.press("ArrowDown")
	await page.keyboard.press("ArrowUp")
	await expect(last.nth(1)).toBeFocused()
	await page.keyboard.press("End")
	await expect(last.last()).toBeFocused()
	await page.keyboard.press("Enter")
	await expect(page.getByRole("dialog", { name: "house-1000, wave 4" })).toContainText("Nothing has been run there")
	await look(page, "rollout appliance")
	await page.getByRole("dialog").getByRole("button", { name: "Skip it" }).click()
	await page.getByRole("button", { name: "Skip house-1000", exact: true }).click()
	await expect(page.getByRole("dialog")).toContainText("skipped")
	await page.keyboard.press("Escape")
	await expect(page.getByRole("dialog")).toBeHidden()
	await expect(last.last()).toBeFocused()
	await expect(last.last()).toHaveAccessibleName("house-1000: skipped")

	await rollout
		.causes("Why it failed")
		.getByRole("button", { name: /^\d+× / })
		.first()
		.click()
	await expect(rollout.causes("Why it failed").getByRole("link", { name: "house-0008", exact: true })).toBeVisible()
	await rollout.ask("Halt", "Halt")
	await expect(rollout.now).toContainText("Halted: nothing starts any more")
	await look(page, "rollout halted")

	const report = await rollout.saved("Report, a web page")
	for (const words of ["house-0008", "house-1000", "skipped", "Why it failed", "Wave 1, the canary"])
		expect(report).toContain(words)
	const lines = (await rollout.saved("Events, JSON Lines")).trimEnd().split("\n")
	expect(lines.filter((line) => line.startsWith('{"type":"appliance"'))).toHaveLength(1000)
})

test("no rollout yet: the list says what one is", async ({ app, page }) => {
	const shell = new Shell(page)
	await shell.open(app.url)
	await page.keyboard.press("g")
	await page.keyboard.press("o")
	await expect(shell.heading("Rollouts")).toBeFocused()
	await expect(page.getByText("No rollout yet")).toBeVisible()
	await look(page, "rollouts empty")
	await page.keyboard.press("n")
	await expect(shell.heading("New rollout")).toBeFocused()
	await expect(page.getByRole("button", { name: "Start …" })).toBeDisabled()
	await expect(page.getByRole("status").getByText("Choose a module.")).toBeVisible()
})
