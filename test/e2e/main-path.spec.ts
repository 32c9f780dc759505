import { expect, test } from "./app.ts"
import { look } from "./look.ts"
import { AppliancesPage } from "./pages/appliances-page.ts"
import { HistoryPage } from "./pages/history-page.ts"
import { LivePage } from "./pages/live-page.ts"
import { RunPage } from "./pages/run-page.ts"
import { Shell } from "./pages/shell.ts"

const healthy = "Demo: healthy"
const changed = "Demo: changed by its owner"
const off = "Demo: switched off"

test("first start, demo, plan, run on three, result, history, record", async ({ app, page }) => {
	test.setTimeout(480_000)
	const shell = new Shell(page)
	const run = new RunPage(page)
	const live = new LivePage(page)
	const history = new HistoryPage(page)

	await shell.open(app.url)
	await expect(page).toHaveURL(/#\/$/)
	await expect(shell.heading("Run a module")).toBeVisible()
	await new AppliancesPage(page).addDemo()
	await expect(shell.heading(/^web-security/)).toBeVisible()
	await expect(run.pool("login_security_patch")).toContainText("/srv/web/login.mjs")

	await run.reviewButton.click()
	await expect(page.getByText(`${healthy} gets 1.1.0`)).toBeVisible({ timeout: 60_000 })
	await expect(run.pool("page_escaping_fix").getByText("Would be applied")).toBeVisible()
	await expect(run.pool("page_escaping_fix")).toContainText("/srv/web/pages.mjs")
	await expect(run.pool("page_escaping_fix").getByText("replace", { exact: true })).toBeVisible()
	await expect(run.pool("page_escaping_fix").getByRole("list", { name: /^Commands/ })).toContainText("bin/health")
	await run.planFor(off)
	await expect(page.getByRole("main").getByRole("alert")).toContainText("no SSH server listens on port 1")

	await run.start()
	await expect(shell.heading("web-security 1.1.0 on 3 appliances")).toBeVisible()
	await expect(live.line(healthy)).toContainText("Applied", { timeout: 120_000 })
	await expect(live.line(changed)).toContainText("Failed, put back", { timeout: 120_000 })
	await expect(live.line(off)).toContainText("Not started")

	await live.line(changed).click()
	await expect(page.getByText("1 pool failed and was put back, 1 pool applied.")).toBeVisible()
	const failed = live.pool("page_escaping_fix")
	await expect(failed).toContainText("The appliance is as it was before the run.")
	await expect(failed.getByRole("list", { name: "Phases of page_escaping_fix" })).toContainText("closure after restore")
	await expect(failed).toContainText("bin/service restart web")
	await expect(live.finalClosure).toContainText("Not run")

	await live.line(healthy).click()
	await expect(page.getByText("2 pools applied, the final closure passed.")).toBeVisible()
	await live.line(off).click()
	await expect(page.getByRole("main").getByRole("alert")).toContainText("Check the port")

	await shell.goTo("History")
	await expect(history.rows).toHaveCount(4)
	await history.showGrid()
	await expect(history.cell("page_escaping_fix", changed)).toHaveAccessibleName(/Failed, put back, 1\.1\.0/)
	await expect(history.cell("page_escaping_fix", healthy)).toHaveAccessibleName(/: Applied, 1\.1\.0/)
	await history.cell("page_escaping_fix", changed).focus()
	await page.keyboard.press("ArrowDown")
	await expect(history.cell("page_escaping_fix", healthy)).toBeFocused()
	await look(page, "history grid")
	await history.showResults()
	await expect(history.causes).toContainText("1 failure, 1 cause")
	await history.cause("bin/service restart web").click()
	await expect(history.causes.getByRole("link", { name: `page_escaping_fix on ${changed}` })).toBeVisible()
	await history.search("does not provide banner")
	await expect(history.rows).toHaveCount(1)
	await expect(history.row("page_escaping_fix", changed)).toBeVisible()
	await history.clear()
	await expect(history.rows).toHaveCount(4)
	await history.filter("Outcome", "Failed, put back")
	await expect(history.rows).toHaveCount(1)
	await expect(history.row("page_escaping_fix", changed)).toContainText("bin/service restart web")
	await history.rows.first().click()
	await expect(shell.heading(`web-security 1.1.0 on ${changed}`)).toBeVisible()
	await expect(live.pool("page_escaping_fix")).toContainText("1 file put back, verified against the backup")
	await expect(live.output("bin/service restart web").first()).toContainText("banner")

	const report = await history.save("Report, a web page")
	expect(report.name).toMatch(/^web-security-1\.1\.0-.*\.html$/)
	expect(report.text).toContain("Everything was put back and the appliance is as it was")
	expect(report.text).toContain("banner")
	const events = await history.save("Events, JSON Lines")
	const lines = events.text
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line) as { seq: number; type: string })
	expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, index) => index + 1))
	expect(lines.at(-1)?.type).toBe("run-finished")
})

test("what was applied stands: a second run changes nothing, the record survives a restart", async ({
	app,
	page,
	complaints,
}) => {
	test.setTimeout(480_000)
	const shell = new Shell(page)
	const run = new RunPage(page)
	const live = new LivePage(page)
	await shell.open(app.url)
	await new AppliancesPage(page).addDemo()
	await run.appliance(changed).uncheck()
	await run.appliance(off).uncheck()
	await run.start()
	await expect(page.getByText("2 pools applied, the final closure passed.")).toBeVisible({ timeout: 120_000 })
	await page.getByRole("link", { name: "Done" }).click()
	await run.start()
	await expect(page.getByText(/2 pools stood applied already/)).toBeVisible({ timeout: 120_000 })

	await app.restart()
	await expect(shell.banner).toBeVisible()
	await expect(page.getByText("open the address that it printed then")).toBeVisible()
	await shell.open(app.url)
	await expect(shell.banner).toBeHidden()
	// Chromium logs each attempt to reach the program that was gone.
	expect(complaints.splice(0).filter((text) => !text.includes("WebSocket"))).toEqual([])
	await shell.goTo("History")
	await new HistoryPage(page).row("login_security_patch", "Applied").click()
	await live.expand("login_security_patch")
	await expect(live.pool("login_security_patch")).toContainText("bin/health")
})
