import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { expect, test } from "./app.ts"
import { AppliancesPage } from "./pages/appliances-page.ts"
import { LivePage } from "./pages/live-page.ts"
import { RunPage } from "./pages/run-page.ts"
import { Shell } from "./pages/shell.ts"

test("three runs as one report and as JSON Lines", async ({ app, page }) => {
	test.setTimeout(480_000)
	const shell = new Shell(page)
	const live = new LivePage(page)
	await shell.open(app.url)
	await new AppliancesPage(page).addDemo()
	await new RunPage(page).start()
	await expect(live.line("Demo: healthy")).toContainText("Applied", { timeout: 120_000 })
	await expect(live.line("Demo: changed by its owner")).toContainText("Failed, put back", { timeout: 120_000 })

	const events = await live.saveAll("Events, JSON Lines")
	expect(events.name).toMatch(/^web-security-1\.1\.0-3-appliances-[\dT-]+\.jsonl$/)
	const lines = events.text
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line) as { type: string; applianceName?: string; outcome?: string; module?: object })
	const runs = lines.filter(({ type }) => type === "run")
	expect(runs.map(({ applianceName, outcome }) => [applianceName, outcome]).sort()).toEqual([
		["Demo: changed by its owner", "failed"],
		["Demo: healthy", "applied"],
		["Demo: switched off", undefined],
	])
	expect(lines.filter(({ type }) => type === "run-finished")).toHaveLength(2)
	// Where the module lies is the engineer's own business.
	expect(lines.filter((line) => "folder" in (line.module ?? {}))).toEqual([])

	const report = await live.saveAll("Report, a web page")
	expect(report.name).toMatch(/^web-security-1\.1\.0-3-appliances-[\dT-]+\.html$/)
	// It needs nothing but itself: opened from a file, in a page that has never seen the app.
	const file = join(app.folder, "report.html")
	await writeFile(file, report.text)
	await page.goto(pathToFileURL(file).href)
	await expect(page.getByRole("heading", { name: "web-security 1.1.0 on 3 appliances" })).toBeVisible()
	await expect(page.getByRole("row", { name: /Demo: changed by its owner Failed, put back/ })).toContainText(
		"1 applied",
	)
	await expect(
		page.getByRole("listitem").filter({ hasText: "page_escaping_fix on Demo: changed" }).last(),
	).toBeVisible()
	await expect(page.getByRole("article")).toHaveCount(3)
	await expect(page.getByRole("article").filter({ hasText: "Everything was put back" })).toHaveCount(1)
	await page.getByRole("link", { name: "Demo: healthy" }).click()
	await expect(page).toHaveURL(/#run-\d$/)
})
