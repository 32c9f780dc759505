import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Page } from "@playwright/test"
import { expect, test } from "../e2e/app.ts"
import { AppliancesPage } from "../e2e/pages/appliances-page.ts"
import { HistoryPage } from "../e2e/pages/history-page.ts"
import { LivePage } from "../e2e/pages/live-page.ts"
import { RunPage } from "../e2e/pages/run-page.ts"
import { Shell } from "../e2e/pages/shell.ts"

const folder = join(import.meta.dirname, "../../docs/pictures")
const [healthy, changed, off] = ["Demo: healthy", "Demo: changed by its owner", "Demo: switched off"]

test("getting started", async ({ app, page }) => {
	test.setTimeout(900_000)
	await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" })
	const shell = new Shell(page)
	const run = new RunPage(page)
	const live = new LivePage(page)
	const history = new HistoryPage(page)

	await shell.open(app.url)
	await page.getByText("First time here?").waitFor()
	await take(page, "first-start")
	await page.getByRole("button", { name: "No, thanks" }).click()

	await new AppliancesPage(page).addDemo()
	await expect(page.getByText("The demo is ready")).toBeHidden({ timeout: 300_000 })
	await run.reviewButton.click()
	await page.getByText(`${healthy} gets 1.1.0`).waitFor({ timeout: 300_000 })
	await take(page, "review")

	await run.start()
	await expect(live.line(changed)).toContainText("Failed, put back", { timeout: 300_000 })
	await expect(live.line(healthy)).toContainText("Applied", { timeout: 300_000 })
	await expect(live.line(off)).toContainText("Not started")
	await live.line(changed).click()
	await page.getByText("1 pool failed and was put back, 1 pool applied.").waitFor()
	await take(page, "put-back")

	await shell.goTo("History")
	await expect(history.rows).toHaveCount(4)
	await history.showGrid()
	await history.cell("page_escaping_fix", changed).waitFor()
	await take(page, "history")
	await history.showResults()
	await (await history.action(history.row("login_security_patch", healthy), /^Put back what this run changed/)).click()
	await take(page, "undo")
	await page.getByRole("button", { name: "Put back", exact: true }).click()
	await page.getByText("1 pool was put back.").waitFor({ timeout: 300_000 })

	await shell.goTo("Run")
	await page.getByRole("button", { name: "Edit", exact: true }).click()
	await page.getByRole("listbox", { name: /^Pools/ }).waitFor()
	await take(page, "module")
})

/** WebP: a tenth of a PNG's size, and every viewer of markdown that shows pictures shows it. */
async function take(page: Page, name: string): Promise<void> {
	await page.mouse.move(0, 0)
	const session = await page.context().newCDPSession(page)
	const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: 85 })
	await session.detach()
	await writeFile(join(folder, `${name}.webp`), Buffer.from(data, "base64"))
}
