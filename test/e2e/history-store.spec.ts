import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "./app.ts"
import { look } from "./look.ts"
import { openDemo } from "./pages/demo.ts"

test("the journal of a record; fetched from all; what is kept; a damaged database is said", async ({
	app,
	page,
	complaints,
}) => {
	test.setTimeout(480_000)
	const { shell, run, history } = await openDemo(page, app.url, ["Demo: healthy"])
	await run.start()
	await expect(page.getByText("2 pools applied, the final closure passed.")).toBeVisible({ timeout: 120_000 })

	await shell.goTo("History")
	await history.row("page_escaping_fix").click()
	const { journal } = history
	await history.showJournal()
	const files = journal.getByRole("table", { name: "Files before and after" })
	await expect(files.getByRole("row", { name: /pages\.mjs/ })).toContainText(/[0-9a-f]{16}.*[0-9a-f]{16}/)
	await journal.getByRole("textbox", { name: "Search the journal" }).fill("pool-finished applied")
	await expect(journal.getByRole("status")).toHaveText("2 events")
	await expect(journal.getByRole("table", { name: "Events" }).getByRole("row")).toHaveCount(3)
	await look(page, "history journal")

	await shell.goTo("History")
	await page.getByRole("button", { name: "Fetch from all" }).click()
	await expect(page.getByText("0 runs taken over from 2 appliances.")).toBeVisible({ timeout: 120_000 })
	await expect(page.getByText(/^Demo: switched off: .*no SSH server listens/)).toBeVisible()
	await look(page, "history fetched from all")

	await page.getByRole("button", { name: "Storage" }).click()
	const storage = shell.dialog("What this desktop keeps")
	await expect(storage.getByRole("status")).toContainText(/^1 run, .* of output/)
	await look(page, "history storage")
	await storage.getByRole("textbox", { name: "Keep the newest" }).fill("7")
	await storage.getByRole("button", { name: "Save and clear away" }).click()
	await expect(storage.getByRole("button", { name: "Save and clear away" })).toBeDisabled()
	expect(app.services.history.room().retention.runs).toBe(7)
	await page.keyboard.press("Escape")
	await expect(history.rows).toHaveCount(2)

	await app.restart(() => writeFile(join(app.folder, "data/hotfix.sqlite"), "no database any more ".repeat(500)))
	await shell.open(app.url)
	await expect(page.getByText(/was damaged and was put aside as .*hotfix\.sqlite\.damaged-/)).toBeVisible()
	await expect(page.getByText(/the history of their runs can be fetched from the appliances/)).toBeVisible()
	// Chromium logs each attempt to reach the program that was gone.
	expect(complaints.splice(0).filter((text) => !text.includes("WebSocket"))).toEqual([])
})
