import type { HistoryRun } from "../../core/schema/history.ts"
import { makeAppliance } from "../unit/core/fleet/make.ts"
import { expect, test } from "./app.ts"
import { look } from "./look.ts"
import { AppliancesPage } from "./pages/appliances-page.ts"
import { HistoryPage } from "./pages/history-page.ts"
import { Shell } from "./pages/shell.ts"
import { createScript } from "./scripted-run.ts"

const { appliance, replaced } = createScript([])
test.use({ replaced })

function remembered(run: string, number: number): HistoryRun {
	const digest = String(number).repeat(64)
	return {
		...{ run, kind: "apply", module: { name: "web", version: `1.0.${number}`, digest } },
		...{ startedAt: "2026-01-01T00:00:00Z", finishedAt: "2026-01-01T00:01:00Z", state: "finished", outcome: "applied" },
		pools: [{ pool: "web", outcome: "applied", phases: [], files: [], commands: [], durationMs: 9 }],
		seal: { number, digest, ...(number > 1 && { previous: String(number - 1).repeat(64) }) },
	}
}

test("a history that is not as it was is said where one looks, until a person knows why", async ({ app, page }) => {
	const shell = new Shell(page)
	const history = new HistoryPage(page)
	const appliances = new AppliancesPage(page)
	const { id: _, ...target } = makeAppliance({ name: "kitchen" })
	const { id } = app.services.appliances.save(target)
	appliance.history = [remembered("c", 3), remembered("b", 2), remembered("a", 1)]
	await app.services.history.sync(id)
	await shell.open(app.url)
	await shell.goTo("History")
	await expect(history.rows).toHaveCount(3)
	await expect(history.past).toBeHidden()

	appliance.history = [remembered("b", 2), remembered("a", 1)]
	await app.services.history.sync(id)
	await expect(history.past).toContainText("The history of kitchen ends with record 2, and had record 3")
	await look(page, "history past")
	await history.past.getByRole("link", { name: "What to do" }).click()
	await expect(page.getByRole("heading", { name: "A history that is not as it was" })).toBeVisible()

	await shell.goTo("Appliances")
	await appliances.choose("kitchen", "Details")
	const details = shell.dialog("kitchen")
	await expect(details.getByText("The history of kitchen ends with record 2, and had record 3")).toBeVisible()
	await look(page, "appliance past")
	await details.getByRole("button", { name: "I know why" }).click()
	const question = shell.dialog("Take the history of kitchen as it is?")
	await look(page, "appliance past question")
	await question.getByRole("button", { name: "Take it as it is" }).click()
	await expect(details.getByText(/The history of kitchen ends/)).toBeHidden()
	expect(app.services.state.snapshot().appliances[0]?.past).toMatchObject({ head: { number: 2 } })
	await page.keyboard.press("Escape")
	await shell.goTo("History")
	// What was recorded here stays.
	await expect(history.rows).toHaveCount(3)
	await expect(history.past).toBeHidden()
})
